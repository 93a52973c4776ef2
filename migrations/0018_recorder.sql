-- What does a chatbot builder really send? No document says where it puts the access token, so an admin
-- lets Linkgate record a few of its calls. In the database, because any node may get a call and any
-- other may show it.

create table recording (
    client_id text primary key references client on delete cascade,
    -- It stops by itself: nobody has to remember.
    ends_at timestamptz not null
);

-- A few calls for an hour each. Tokens, secrets and other credentials are replaced before they come here.
create table recorded_call (
    recorded_call_id bigint generated always as identity primary key,
    client_id text not null references client on delete cascade,
    recorded_at timestamptz not null,
    call jsonb not null
);

create index recorded_call_client on recorded_call (client_id, recorded_call_id);
create index recorded_call_recorded_at on recorded_call (recorded_at);
