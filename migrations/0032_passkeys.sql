-- Passkeys (W3C Web Authentication): instead of a password, or beside it. Of a key only the public half is
-- here, so nothing of it is secret.

create table passkey (
    passkey_id uuid primary key,
    account_id uuid references account on delete cascade,
    admin_id uuid references admin on delete cascade,
    owner_id uuid not null generated always as (coalesce(account_id, admin_id)) stored,
    -- What a browser names it by. One credential is one owner's.
    credential_id bytea not null constraint passkey_credential_key unique,
    -- Public key, counter and flags, as the library keeps them.
    credential jsonb not null,
    -- What its owner calls it.
    name text not null,
    created_at timestamptz not null,
    last_used_at timestamptz,
    constraint passkey_has_one_owner check (num_nonnulls(account_id, admin_id) = 1)
);

create index passkey_owner on passkey (owner_id);
create index passkey_account on passkey (account_id) where account_id is not null;
create index passkey_admin on passkey (admin_id) where admin_id is not null;

-- Challenges that were answered: they travel sealed with the page, and each counts once. What was never
-- answered leaves nothing here.
create table answered_challenge (
    challenge_id uuid primary key,
    expires_at timestamptz not null
);

create index answered_challenge_expires_at on answered_challenge (expires_at);
