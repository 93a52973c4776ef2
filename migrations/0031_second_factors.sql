-- People and admins may be asked for more than a password: a code of an app (RFC 6238), or one of the
-- recovery codes they were given for the day that app is lost.
--
-- Accounts and admins have them alike, so they share the tables: a row belongs to exactly one of the two and
-- goes with it. The generated column is what rows are found by; ids of both are random UUIDs, so no account
-- has an admin's.

create table totp (
    totp_id uuid primary key,
    account_id uuid references account on delete cascade,
    admin_id uuid references admin on delete cascade,
    owner_id uuid not null generated always as (coalesce(account_id, admin_id)) stored
        constraint totp_owner_key unique,
    -- Sealed by LINKGATE_SECRET_KEY for this very row.
    sealed_seed bytea not null,
    -- The last step whose code was used: only later ones count, so that none counts twice.
    last_step bigint not null,
    created_at timestamptz not null,
    constraint totp_has_one_owner check (num_nonnulls(account_id, admin_id) = 1)
);

create index totp_account on totp (account_id) where account_id is not null;
create index totp_admin on totp (admin_id) where admin_id is not null;

create table recovery_code (
    -- The SHA-256 of 80 random bits. A code that was used is gone.
    code_hash bytea not null,
    account_id uuid references account on delete cascade,
    admin_id uuid references admin on delete cascade,
    owner_id uuid not null generated always as (coalesce(account_id, admin_id)) stored,
    created_at timestamptz not null,
    primary key (owner_id, code_hash),
    constraint recovery_code_has_one_owner check (num_nonnulls(account_id, admin_id) = 1)
);

create index recovery_code_account on recovery_code (account_id) where account_id is not null;
create index recovery_code_admin on recovery_code (admin_id) where admin_id is not null;

-- Who gave the right password and is asked for more. The rest of it travels sealed with the browser; here is
-- what has to be counted, on all nodes: how often a code was tried, and that it leads in once.
create table factor_ticket (
    ticket_id uuid primary key,
    account_id uuid references account on delete cascade,
    admin_id uuid references admin on delete cascade,
    tries integer not null default 0,
    expires_at timestamptz not null,
    constraint factor_ticket_has_one_owner check (num_nonnulls(account_id, admin_id) = 1)
);

create index factor_ticket_account on factor_ticket (account_id) where account_id is not null;
create index factor_ticket_admin on factor_ticket (admin_id) where admin_id is not null;
create index factor_ticket_expires_at on factor_ticket (expires_at);
