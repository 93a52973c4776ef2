-- Someone who links a chatbot should see the name, the logo and the colours they know it by, and find its
-- terms and whom to ask. What is null is as the service has it. Not columns of the client: every request
-- reads its row, and only pages need these.

create table client_branding (
    client_id text primary key references client on delete cascade,
    name text check (name <> ''),
    -- A PNG of our own encoder, never the bytes that were uploaded.
    logo bytea check (octet_length(logo) <= 16384),
    -- From its SHA-256: what its address names, so that browsers may keep it for good.
    logo_id text,
    accent text check (accent ~ '^#[0-9a-f]{6}$'),
    accent_dark text check (accent_dark ~ '^#[0-9a-f]{6}$'),
    terms_url text check (terms_url like 'https://%'),
    contact text check (contact <> ''),
    updated_at timestamptz not null,
    constraint client_branding_whole_logo check ((logo is null) = (logo_id is null)),
    constraint client_branding_dark_beside_light check (accent_dark is null or accent is not null)
);

create index client_branding_logo on client_branding (logo_id);
