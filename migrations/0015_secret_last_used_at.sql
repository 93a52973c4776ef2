-- When each secret was last used, to the minute: so that an admin sees that the old one of two is no
-- longer in any console before it ends.
alter table client_secret add column last_used_at timestamptz;
