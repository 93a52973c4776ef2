-- People. An account is what a link speaks for; the operator's own facts about the person
-- (points, tier, …) are attributes, because only the operator knows their shape.

create table account (
    account_id uuid primary key,
    -- The operator's own id of the person; scripts name accounts by it.
    external_id text constraint account_external_id_key unique,
    email text not null,
    -- Lower-cased by us and not by the database, whose rules depend on its locale.
    email_key text not null constraint account_email_key unique,
    name text not null,
    locale text not null default 'ko',
    attributes jsonb not null default '{}' constraint account_attributes_object check (jsonb_typeof(attributes) = 'object'),
    -- A PHC string (argon2id, or argon2/bcrypt of an import). Null: can't log in with a password.
    password_hash text,
    disabled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

create index account_created_at on account (created_at desc, account_id);

-- Logins. A row, so that a log-out is final on every node; the id is stored as its SHA-256, so that
-- a dump of the database logs nobody in.
create table session (
    session_hash bytea primary key,
    account_id uuid not null references account on delete cascade,
    created_at timestamptz not null,
    -- Written at most once a minute: idleness is counted in minutes.
    last_seen_at timestamptz not null,
    expires_at timestamptz not null
);

create index session_account on session (account_id);
create index session_expires_at on session (expires_at);
