-- Limits on abuse, shared by all nodes. Failures are what is counted, never successes, and nothing
-- here is a lock that lasts: a row says for how long to wait, and how much is still remembered.

-- Recognises devices that logged in before. The kind of a new key may not be used in this very
-- transaction, so the first one is made by the server.
alter type key_kind add value 'device';

-- One row for each address, account, device, or client at an address that failed lately.
create table failure_tally (
    -- A MAC over whom it is about: a dump tells no address and no e-mail.
    subject bytea primary key,
    failures integer not null,
    -- Failures are forgotten one by one from then on.
    eases_from timestamptz not null,
    blocked_until timestamptz not null,
    -- When nothing of it will be left.
    forgotten_at timestamptz not null
);

create index failure_tally_forgotten_at on failure_tally (forgotten_at);

-- How often something happened in a span of time, on all nodes together.
create table request_count (
    subject bytea not null,
    starts_at timestamptz not null,
    requests bigint not null,
    primary key (subject, starts_at)
);

create index request_count_starts_at on request_count (starts_at);
