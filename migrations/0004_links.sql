-- The heart: one row per link, for its whole life. Codes, access and refresh tokens are MACs over
-- this row's id and counters, so refreshing for a year adds no row and leaves nothing to clean up.

create type link_state as enum ('pending', 'active', 'ended');
create type link_end as enum (
    'account', 'admin', 'platform', 'code_replayed', 'refresh_replayed', 'wrong_verifier', 'idle', 'password_change'
);

create table link (
    -- Random, never reused: tokens name it.
    link_id uuid primary key,
    client_id text not null references client on delete cascade,
    account_id uuid not null references account on delete cascade,
    state link_state not null,
    -- Ordered: an access token's narrowed scope is a bitmap over this list.
    scopes text[] not null constraint link_scopes_fit_bitmap check (cardinality(scopes) between 1 and 32),

    -- pending: what redeeming the code must match. The unique flow makes a second tap on "approve"
    -- find this row instead of making another; hash and challenge stay for an hour after redemption
    -- to recognise a replay.
    flow_id uuid constraint link_flow_id_key unique,
    code_hash bytea constraint link_code_hash_key unique,
    code_expires_at timestamptz,
    redirect_uri text,
    code_challenge text,
    wrong_verifiers smallint not null default 0,
    approved_at timestamptz not null,

    -- active: the refresh token is a pure function of (refresh_key_id, link_id, generation).
    linked_at timestamptz,
    -- Not a foreign key: every redemption would lock the one row of the key in use, and they would
    -- queue for it. A key is deleted only where no link names it.
    refresh_key_id smallint,
    generation integer not null default 0,
    confirmed integer not null default 0,
    confirmed_at timestamptz,
    -- Raised to kill all access tokens issued so far.
    access_epoch integer not null default 0,
    -- Slides with each refresh; a link dies of idleness only.
    idle_expires_at timestamptz,
    last_used_at timestamptz,

    ended_at timestamptz,
    end_reason link_end,

    constraint link_pending_is_redeemable
        check (state <> 'pending' or (code_hash is not null and code_expires_at is not null and redirect_uri is not null and flow_id is not null)),
    constraint link_active_has_tokens
        check (state <> 'active' or (linked_at is not null and refresh_key_id is not null and idle_expires_at is not null)),
    constraint link_ended_says_why
        check ((state = 'ended') = (ended_at is not null) and (state = 'ended') = (end_reason is not null)),
    constraint link_confirmed_was_issued check (confirmed <= generation)
);

create index link_account on link (account_id, approved_at desc);
create index link_client on link (client_id, approved_at desc);
create index link_approved_at on link (approved_at desc, link_id);
-- For the cleaner alone; partial, so that active links pay nothing for them. Neither names `state`:
-- an index that does would have to be written when a code is redeemed.
create index link_code_expires_at on link (code_expires_at) where code_expires_at is not null;
create index link_ended_at on link (ended_at) where ended_at is not null;
-- Redeeming and refreshing rewrite the row; room on its page keeps that a heap-only update that
-- touches no index.
alter table link set (fillfactor = 80);

-- What happened to links, accounts and clients: the answer to "why did linking fail?".
create table event (
    event_id bigint generated always as identity primary key,
    happened_at timestamptz not null,
    kind text not null,
    link_id uuid,
    account_id uuid,
    client_id text,
    admin_id uuid,
    -- Repeated refusals are one row an hour with a count.
    times integer not null default 1,
    detail text not null default ''
);

create index event_link on event (link_id, happened_at desc) where link_id is not null;
create index event_account on event (account_id, happened_at desc) where account_id is not null;
create index event_client on event (client_id, happened_at desc) where client_id is not null;
-- One row per link, kind and hour for what may repeat without end.
create unique index event_refusal_hour on event (kind, link_id, date_trunc('hour', happened_at at time zone 'utc'))
    where kind like 'refused:%' and link_id is not null;
