-- OAuth clients: one registration of one assistant platform. Settings are columns and not one JSON
-- blob, so that the database refuses what no code would understand.

create type client_rotation as enum ('deferred', 'never');
create type token_format as enum ('opaque', 'jwt');
create type refusal_answer as enum ('status', 'sentence');

create table client (
    client_id text primary key,
    name text not null,
    preset text not null,
    -- What the preset had to be told, e.g. {"project_id": "…"}.
    preset_values jsonb not null default '{}',
    -- Public clients (RFC 6749 §2.1) have no secret and must use PKCE.
    confidential boolean not null,
    -- Compared byte for byte; never parsed again after registration.
    redirect_uris text[] not null constraint client_has_redirect_uri check (cardinality(redirect_uris) > 0),
    -- What may be asked; also what is granted when nothing is asked. 32 at most: an access token
    -- carries a narrowed scope as a bitmap.
    scopes text[] not null constraint client_scopes_fit_bitmap check (cardinality(scopes) between 1 and 32),
    rotation client_rotation not null,
    token_format token_format not null default 'opaque',
    send_iss boolean not null default true,
    introspect_all boolean not null default false,
    code_lifetime_seconds integer not null check (code_lifetime_seconds between 10 and 600),
    access_lifetime_seconds integer not null check (access_lifetime_seconds between 60 and 86400),
    refresh_idle_seconds integer not null check (refresh_idle_seconds between 86400 and 315360000),
    -- Where the chatbot puts the token, tried in order: 'bearer', 'header:NAME', 'json:POINTER', …
    token_places text[] not null,
    -- How an action that can't be answered is refused: by HTTP status, or with a sentence to speak.
    refusal_answer refusal_answer not null default 'status',
    relink_sentence text not null default '',
    busy_sentence text not null default '',
    -- Shown on the console guide, to be pasted into the chatbot builder.
    login_guide_message text not null default '',
    login_success_message text not null default '',
    extension_id text,
    cek_public_key text,
    -- Overrides the service's own privacy policy for this platform.
    privacy_url text,
    disabled_at timestamptz,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint client_public_rotates check (confidential or rotation = 'deferred')
);

-- Two may live at once, so that a platform's console can be changed without an outage. SHA-256 is
-- enough: secrets are 256 random bits, and a slow hash would cost every token request.
create table client_secret (
    client_secret_id uuid primary key,
    client_id text not null references client on delete cascade,
    secret_hash bytea not null,
    created_at timestamptz not null,
    -- Set when a newer one replaces it, to the end of the overlap.
    expires_at timestamptz
);

create index client_secret_client on client_secret (client_id);

-- Scopes beyond the built-in ones, each with its sentence for the consent page.
create table scope (
    scope text primary key,
    sentence_ko text not null,
    sentence_en text not null,
    sentence_ja text not null,
    created_at timestamptz not null
);

-- Templates over the account that the chatbot calls by name.
create table action (
    client_id text not null references client on delete cascade,
    name text not null,
    template text not null,
    json_string boolean not null default false,
    updated_at timestamptz not null,
    primary key (client_id, name)
);
