-- Some things people are told outside of the pages: a code to type, a sign-in from a new device, a link
-- that ended. A letter is stored with what it tells of and sent behind: nobody waits for a mail server,
-- and a crash loses nothing. What was sent is deleted.

create table mail (
    mail_id bigint generated always as identity primary key,
    recipient text not null,
    -- A BCP 47 tag; written in that language when it is sent.
    language text not null,
    -- Which letter, with what stands in it; never a secret.
    letter jsonb not null,
    -- The code that stands in it, sealed, where there is one.
    sealed_code bytea,
    made_at timestamptz not null,
    -- Whoever takes it moves this on, so that others leave it alone, and a crash brings it back.
    due_at timestamptz not null,
    -- Nobody waits for it any more from then on.
    useless_at timestamptz not null,
    attempts integer not null default 0,
    -- Why the last try failed; empty before the first.
    failure text not null default ''
);

create index mail_due_at on mail (due_at);

-- What became of the last ones, for admins: one row.
create table mail_delivery (
    only_row boolean primary key default true constraint mail_delivery_is_one_row check (only_row),
    sent_at timestamptz,
    given_up_at timestamptz,
    -- Why the last one was given up.
    failure text not null default ''
);

insert into mail_delivery default values;
