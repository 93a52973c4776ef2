-- Admins are not accounts: another kind of person, another login, another session, so that neither
-- can ever be mistaken for the other.

create type admin_role as enum ('viewer', 'operator', 'owner');

create table admin (
    admin_id uuid primary key,
    email text not null,
    email_key text not null constraint admin_email_key unique,
    role admin_role not null,
    password_hash text not null,
    disabled_at timestamptz,
    created_at timestamptz not null
);

create table admin_session (
    session_hash bytea primary key,
    admin_id uuid not null references admin on delete cascade,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    expires_at timestamptz not null
);

create index admin_session_admin on admin_session (admin_id);

-- The operator's service, as people see it. One row, so that pages and consoles need no defaults.
create table service (
    singleton boolean primary key default true check (singleton),
    name text not null,
    -- /privacy answers a redirect to the URL if set, else the text.
    privacy_url text,
    privacy_text text not null default '',
    updated_at timestamptz not null default now()
);

insert into service (name) values ('Linkgate');
