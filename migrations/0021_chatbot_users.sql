-- The chatbot's OAuth authentication: a chatbot asks whether whom it talks to is connected, and sends
-- them here to log in. It names people by its own ids, so a link made that way says which.

alter table client
    -- The chatbot domain's code. Without one none of it is there.
    add column chatbot_domain_code text,
    -- Where the chatbot is told of a new connection.
    add column chatbot_invoke_url text,
    -- The Secret key that signs those calls, sealed as keys are.
    add column chatbot_secret bytea;

create table chatbot_user (
    client_id text not null references client on delete cascade,
    domain_code text not null,
    platform text not null,
    user_id text not null,
    link_id uuid not null references link on delete cascade,
    connected_at timestamptz not null,
    primary key (client_id, domain_code, platform, user_id)
);

-- A link is one chat's at most, and the list of links shows which.
create unique index chatbot_user_link on chatbot_user (link_id);
-- An action method names its user without a platform.
create index chatbot_user_of_domain on chatbot_user (client_id, domain_code, user_id);
