-- People look after their own accounts: they see where they are signed in, and may have everything
-- deleted.

-- What the browser said of itself at login, so that its person knows one session from another.
alter table session add column user_agent text not null default '';

-- When the account goes, with its links: some days after its person asked, who may think better of it.
alter table account add column delete_at timestamptz;
create index account_delete_at on account (delete_at) where delete_at is not null;
