\set link random(1, :links)
select c.chatbot_domain_code is not null, l.link_id, l.last_used_at, c.disabled_at is null and l.state = 'active'
       and a.disabled_at is null and l.idle_expires_at > now()
from client c
left join (chatbot_user u join link l using (link_id) join account a using (account_id))
     on u.client_id = c.client_id and u.domain_code = 'bench' and u.platform = 'bench' and u.user_id = 'user' || :link
where c.client_id = :client;
