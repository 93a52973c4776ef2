\set link random(1, :links)
select c.confidential, c.disabled_at, c.rotation, c.access_lifetime_seconds, c.refresh_idle_seconds,
       array(select secret_hash from client_secret s where s.client_id = c.client_id
             and (s.expires_at is null or s.expires_at > now())),
       l.link_id, l.client_id, l.account_id, l.state, l.scopes, l.refresh_key_id, l.generation as issued,
       l.confirmed as seen, l.confirmed_key_id, l.confirmed_at, l.access_epoch, l.idle_expires_at, a.disabled_at
from client c
left join link l on l.link_id = ('00000000-0000-4000-9000-' || lpad(to_hex(:link::int), 12, '0'))::uuid
left join account a on a.account_id = l.account_id
where c.client_id = :client \gset
update link set generation = :issued + 1, confirmed = :issued, confirmed_at = now(),
       refresh_key_id = refresh_key_id, confirmed_key_id = refresh_key_id, idle_expires_at = now() + interval '400 days'
where link_id = ('00000000-0000-4000-9000-' || lpad(to_hex(:link::int), 12, '0'))::uuid
      and state = 'active' and generation = :issued and confirmed = :seen;
