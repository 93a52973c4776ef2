-- Requests of CEK: the only calls that an assistant platform signs. What each client's are checked with
-- and answered by, the platforms' published keys, and what signed requests told: which CLOVA user
-- speaks through which link, and which events were seen.

create type cek_answer as enum ('speech', 'account');
create type spoken_language as enum ('ko', 'en', 'ja');

alter table client
    -- Use the key that the platform publishes, unless one was pasted.
    add column cek_fetch_key boolean not null default false,
    add column cek_unsigned boolean not null default false,
    add column cek_answer cek_answer not null default 'speech',
    add column cek_language spoken_language not null default 'en',
    -- A template over the account; empty: a sentence of ours.
    add column cek_speech text not null default '';

update client set cek_language = 'ko' where preset = 'clova';
update client set cek_language = 'ja' where preset = 'clova-line';

-- What a platform publishes, so that a node that starts, or a platform that is away, needs no fetch.
create table platform_key (
    preset text primary key,
    public_key text,
    fetched_at timestamptz,
    -- By whichever node; the others leave it alone for a while.
    tried_at timestamptz not null,
    -- Why the last try failed; empty when it did not.
    failure text not null default '',
    constraint platform_key_says_when check ((public_key is null) = (fetched_at is null))
);

-- An event of CEK names a user and no token.
create table cek_user (
    client_id text not null references client on delete cascade,
    -- SHA-256: nobody needs to read it, only to find it again.
    user_hash bytea not null,
    link_id uuid not null references link on delete cascade,
    learned_at timestamptz not null,
    primary key (client_id, user_hash, link_id)
);

create index cek_user_link on cek_user (link_id);

-- A signature says who sent an event and not when: each acts once.
create table cek_event (
    client_id text not null references client on delete cascade,
    body_hash bytea not null,
    seen_at timestamptz not null,
    primary key (client_id, body_hash)
);

create index cek_event_seen_at on cek_event (seen_at);
