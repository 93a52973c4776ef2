-- What is known of CEK only for a while. `linkgate simulate` signs requests with a key of its own, which
-- is taken beside the client's for the minutes of a run. And when a user disables an extension, another
-- node may have learned of one more link of theirs a moment before and not have written it: that one ends
-- when it is written.

create table cek_test_key (
    cek_test_key_id uuid primary key,
    client_id text not null references client on delete cascade,
    public_key text not null,
    -- Nothing that it signed is taken from then on, even if nobody takes it away.
    expires_at timestamptz not null
);

create index cek_test_key_client on cek_test_key (client_id);

create table cek_disabled (
    client_id text not null references client on delete cascade,
    user_hash bytea not null,
    -- Links made before it end: when the platform says that it happened, or was told if that was earlier.
    disabled_at timestamptz not null,
    seen_at timestamptz not null,
    primary key (client_id, user_hash)
);

create index cek_disabled_seen_at on cek_disabled (seen_at);
