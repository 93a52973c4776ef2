-- People sign in with others: with an account they have at NAVER, LINE, Kakao, Google, or whoever else
-- speaks OpenID Connect. Which of them is set up by an owner, and each person's connections are rows.

create table provider (
    -- Stands in the address that is registered at the provider, so it never changes.
    provider_id text primary key constraint provider_id_is_a_word check (provider_id ~ '^[a-z0-9][a-z0-9-]{0,29}$'),
    kind text not null constraint provider_kind_is_known check (kind in ('naver', 'line', 'kakao', 'google', 'oidc')),
    -- Who vouches for people, where the kind doesn't say it. It never changes either: another one's people
    -- are others, whatever they are called there.
    issuer text constraint provider_issuer_is_for_oidc check ((kind = 'oidc') = (issuer is not null)),
    -- On the button; empty: as the kind is called.
    name_ko text not null default '',
    name_en text not null default '',
    name_ja text not null default '',
    client_id text not null,
    -- Sealed by LINKGATE_SECRET_KEY.
    client_secret bytea not null,
    -- Whether people are asked to share their e-mail address: an application may lack the right to ask.
    asks_email boolean not null default true,
    enabled boolean not null default true,
    position integer not null default 0,
    created_at timestamptz not null,
    updated_at timestamptz not null
);

-- That somebody there is somebody here.
create table connected_sign_in (
    connection_id uuid primary key,
    provider_id text not null references provider on delete cascade,
    -- What the provider calls the person: never changes and is never reused, unlike an address.
    subject text not null,
    account_id uuid not null references account on delete cascade,
    -- What the provider said when it was used last; for people to tell one from another.
    email text,
    connected_at timestamptz not null,
    last_used_at timestamptz,
    -- One person there is one person here, however often they tap.
    constraint connected_sign_in_subject_key unique (provider_id, subject)
);

create index connected_sign_in_account on connected_sign_in (account_id);

-- Ways back from a provider that were used: each is good once, on any node.
create table used_round_trip (
    round_trip_id uuid primary key,
    -- After that its time is over anyway.
    expires_at timestamptz not null
);

create index used_round_trip_expires_at on used_round_trip (expires_at);
