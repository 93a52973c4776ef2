-- After somebody connected, the chatbot has to be told, by a call to its Invoke URL. What has to be said
-- is stored with the connection, and sent behind: a person waits for no chatbot, and a crash loses
-- nothing.

create table chatbot_notice (
    chatbot_notice_id bigint generated always as identity primary key,
    client_id text not null references client on delete cascade,
    link_id uuid not null references link on delete cascade,
    domain_code text not null,
    platform text not null,
    user_id text not null,
    nonce text not null,
    made_at timestamptz not null,
    -- Whoever takes it moves this on, so that others leave it alone, and a crash brings it back.
    due_at timestamptz not null,
    attempts integer not null default 0,
    -- Why the last try failed; empty before the first.
    failure text not null default ''
);

create index chatbot_notice_due_at on chatbot_notice (due_at);
create index chatbot_notice_client on chatbot_notice (client_id);
create index chatbot_notice_link on chatbot_notice (link_id);

-- What became of the last ones of a client, for its page. Not in its row, which admins change.
create table chatbot_delivery (
    client_id text primary key references client on delete cascade,
    delivered_at timestamptz,
    given_up_at timestamptz,
    -- Why the last one was given up.
    failure text not null default ''
);

-- The chatbot signs nothing, so whoever may ask by a chat user alone knows a secret of ours, as its
-- SHA-256 here. Two columns of their own table, because it is made and removed by themselves.
create table chatbot_call_secret (
    client_id text primary key references client on delete cascade,
    secret_hash bytea not null,
    made_at timestamptz not null
);
