\set link random(1, :links)
select l.client_id, l.state, l.scopes, l.access_epoch, l.linked_at, l.last_used_at, c.disabled_at is null,
       a.disabled_at is null, a.account_id, a.external_id, a.email, a.name, a.locale, a.attributes
from link l join account a using (account_id) join client c on c.client_id = l.client_id
where l.link_id = ('00000000-0000-4000-9000-' || lpad(to_hex(:link::int), 12, '0'))::uuid;
