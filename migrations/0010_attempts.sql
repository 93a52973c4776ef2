-- Why did linking fail? Every attempt to link, step by step, under a short code that error pages show
-- the person. Written behind, never by a request; kept for a month. What an attempt presented is kept
-- only where it helps to mend a registration, and never a `state`, code, secret or token.

create table attempt (
    -- Eight letters of Crockford's base 32, derived from the flow, so that nothing has to be stored
    -- before it is written here; refusals without a flow share one for each mistake and hour.
    support_code text primary key constraint attempt_support_code_is_readable check (support_code ~ '^[0-9A-HJKMNP-TV-Z]{8}$'),
    began_at timestamptz not null,
    last_at timestamptz not null,
    last_step text not null,
    -- None of these is a foreign key: history outlives what it tells of, and takes no lock on it.
    client_id text,
    account_id uuid,
    link_id uuid,
    -- The last step that decided something wins.
    outcome text not null default 'open'
        constraint attempt_outcome_is_known check (outcome in ('open', 'linked', 'declined', 'failed')),
    outcome_at timestamptz,
    -- Of the step that failed; empty otherwise.
    reason text not null default ''
);

create index attempt_began_at on attempt (began_at desc, support_code);
create index attempt_client on attempt (client_id, began_at desc) where client_id is not null;
create index attempt_account on attempt (account_id, began_at desc) where account_id is not null;
create index attempt_link on attempt (link_id) where link_id is not null;
-- Each step rewrites the attempt's row; room on its page keeps that cheap.
alter table attempt set (fillfactor = 70);

create table attempt_step (
    support_code text not null references attempt on delete cascade,
    step text not null,
    reason text not null default '',
    -- A step that repeats is one row with a count.
    first_at timestamptz not null,
    last_at timestamptz not null,
    times integer not null default 1,
    detail text not null default '',
    -- A redirect URI or a client id as it was sent, and what is registered instead.
    presented text not null default '',
    registered text not null default '',
    primary key (support_code, step, reason)
);
