-- What people are told of by mail, beside the codes they ask for.

-- A login on a device that was not known is worth a mail, unless it is the account's first one: then
-- there is nothing to compare it with. Accounts from before this know of their next login on.

-- When that was last.
alter table account add column new_device_at timestamptz;

-- People are told by mail which links were made and why one ended, unless the operator tells them in
-- another way.
alter table service add column link_mails boolean not null default true;
