-- Admins see in the console whom they invited and what came of it, so an invitation stays for a while once it
-- was used or is over. It has a name for addresses of pages, where no e-mail address belongs.

alter table invitation
    add column invitation_id uuid not null default gen_random_uuid() constraint invitation_id_key unique,
    -- The language of the mail: a BCP 47 tag.
    add column language text not null default 'ko',
    -- By whom; null on the command line, and once that admin is gone.
    add column invited_by uuid references admin on delete set null,
    -- When its person signed up with it.
    add column used_at timestamptz;

create index invitation_invited_at on invitation (invited_at desc);
create index invitation_invited_by on invitation (invited_by) where invited_by is not null;
