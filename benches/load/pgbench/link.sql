\set account random(1, :accounts)
\set high random(1, 4611686018427387904)
\set low random(1, 4611686018427387904)
select * from client where client_id = :client;
select a.*, s.last_seen_at from session s join account a using (account_id)
where s.session_hash = sha256(('session' || :account::int)::bytea) and s.expires_at > now()
      and s.last_seen_at > now() - interval '30 minutes' and a.disabled_at is null;
select a.*, s.last_seen_at from session s join account a using (account_id)
where s.session_hash = sha256(('session' || :account::int)::bytea) and s.expires_at > now()
      and s.last_seen_at > now() - interval '30 minutes' and a.disabled_at is null;
select * from client where client_id = :client;
insert into link (link_id, client_id, account_id, state, scopes, flow_id, code_hash, code_expires_at,
                  redirect_uri, approved_at)
values ((lpad(to_hex(:high::bigint), 16, '0') || lpad(to_hex(:low::bigint), 16, '0'))::uuid, :client,
        ('00000000-0000-4000-8000-' || lpad(to_hex(:account::int), 12, '0'))::uuid, 'pending',
        array['id', 'email', 'profile', 'attributes'],
        (lpad(to_hex(:low::bigint), 16, '0') || lpad(to_hex(:high::bigint), 16, '0'))::uuid,
        sha256(:high::bigint::text::bytea || :low::bigint::text::bytea), now() + interval '2 minutes',
        'https://platform.example/callback', now())
on conflict on constraint link_flow_id_key do nothing;
select c.confidential, c.disabled_at, c.rotation, c.access_lifetime_seconds, c.refresh_idle_seconds,
       array(select secret_hash from client_secret s where s.client_id = c.client_id
             and (s.expires_at is null or s.expires_at > now())),
       l.link_id, l.client_id, l.account_id, l.state, l.scopes, l.code_expires_at, l.redirect_uri,
       l.code_challenge, l.wrong_verifiers, l.linked_at, l.access_epoch, a.disabled_at
from client c
left join link l on l.code_hash = sha256(:high::bigint::text::bytea || :low::bigint::text::bytea)
left join account a on a.account_id = l.account_id
where c.client_id = :client;
update link set state = 'active', linked_at = now(), refresh_key_id = (select max(key_id) from key where kind = 'refresh'),
       generation = 1, idle_expires_at = now() + interval '400 days'
where link_id = (lpad(to_hex(:high::bigint), 16, '0') || lpad(to_hex(:low::bigint), 16, '0'))::uuid
      and state = 'pending' and code_expires_at > now();
