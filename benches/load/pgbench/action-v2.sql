\set link random(1, :links)
select c.token_places, c.refusal_answer, c.relink_sentence, c.busy_sentence, c.disabled_at is null, a.template,
       a.json_string, a.user_variable, l.link_id, l.client_id, l.state, l.scopes, l.access_epoch, l.linked_at,
       l.last_used_at, p.account_id, p.disabled_at is null, p.external_id, p.email, p.name, p.locale, p.attributes
from client c
join action a on a.client_id = c.client_id and a.name in ('member.name', 'member.point')
left join (link l join account p using (account_id))
     on l.link_id = ('00000000-0000-4000-9000-' || lpad(to_hex(:link::int), 12, '0'))::uuid
where c.client_id = :client;
