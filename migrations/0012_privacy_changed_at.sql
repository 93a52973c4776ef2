-- The page of the privacy policy says when the policy changed. updated_at can't tell: it moves with
-- the service's name too.
alter table service add column privacy_changed_at timestamptz not null default now();
update service set privacy_changed_at = updated_at;
