-- Key material, sealed. Tokens, codes and flows are MACs and sealed statements instead of rows, so
-- the keys behind them are what a node must share with the others: they live here, but only sealed
-- by LINKGATE_SECRET_KEY, so that a dump of the database forges nothing.

create type key_kind as enum ('seal', 'code', 'access', 'refresh', 'csrf');

create table key (
    -- Small numbers, because the id travels in every token.
    key_id smallint generated always as identity primary key,
    kind key_kind not null,
    -- XChaCha20-Poly1305 over 32 random bytes, bound to kind and id.
    sealed_secret bytea not null,
    created_at timestamptz not null,
    -- 60 s after its creation for a key made beside running nodes, so that all of them have it.
    usable_from timestamptz not null,
    constraint key_usable_after_creation check (usable_from >= created_at)
);

-- A check of the secret key itself, so that a wrong one stops the start before anything is tried.
create table secret_key_check (
    singleton boolean primary key default true check (singleton),
    sealed_check bytea not null
);
