-- People make accounts and replace forgotten passwords by themselves: who can read an address's mail
-- proves it by a code of six digits. Nothing here is an account, and an address that has none looks the
-- same as one that has.

create table mailed_code (
    mailed_code_id uuid primary key,
    purpose text not null constraint mailed_code_purpose_is_known check (purpose in ('sign_up', 'recovery')),
    -- The mark of the browser that asked: the code is good nowhere else.
    browser bytea not null,
    -- MACs of whose code it is and of where it was asked for; what limits count.
    subject bytea not null,
    network bytea not null,
    -- Whose password it may replace. Null for a sign-up, and where there is nothing to prove.
    account_id uuid references account on delete cascade,
    -- A MAC of the code under that key; a random one where no code was mailed, so that none is right.
    -- (A hash of six digits could be undone.)
    key_id smallint not null,
    code_mac bytea not null,
    asked_at timestamptz not null,
    -- Of the code, and once it was typed, of what it opens.
    expires_at timestamptz not null,
    -- Guesses so far; counted before each is looked at.
    tries integer not null default 0,
    typed_at timestamptz
);

create index mailed_code_subject on mailed_code (subject, asked_at);
create index mailed_code_network on mailed_code (network, asked_at);
create index mailed_code_browser on mailed_code (browser, purpose);
create index mailed_code_asked_at on mailed_code (asked_at);
create index mailed_code_account on mailed_code (account_id) where account_id is not null;

-- Who may sign up where that is by invitation. The address is proven by a code like any other, so an
-- invitation holds no secret.
create table invitation (
    email_key text primary key,
    email text not null,
    invited_at timestamptz not null,
    expires_at timestamptz not null
);
