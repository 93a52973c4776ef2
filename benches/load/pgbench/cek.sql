\set link random(1, :links)
select c.extension_id, c.cek_public_key, c.cek_unsigned, c.cek_answer, c.cek_language, c.cek_speech, c.relink_sentence,
       c.busy_sentence, c.disabled_at is null, l.link_id, l.client_id, l.state, l.scopes, l.access_epoch, l.linked_at,
       l.last_used_at, p.account_id, p.disabled_at is null, p.external_id, p.email, p.name, p.locale, p.attributes
from client c
left join (link l join account p using (account_id))
     on l.link_id = ('00000000-0000-4000-9000-' || lpad(to_hex(:link::int), 12, '0'))::uuid
where c.client_id = :client;
