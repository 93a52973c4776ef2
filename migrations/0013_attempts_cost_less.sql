-- Recording attempts took the database as much work as linking itself. Two things of it served nobody.
--
-- Each step of an attempt locked the attempt's row to see that it is there; but who writes steps has just
-- written that row in the same transaction, and who deletes attempts deletes their steps along.
alter table attempt_step drop constraint attempt_step_support_code_fkey;
-- And each change of account or link wrote into this index, too. The console's list goes by time, newest
-- first, and finds those of one client on its way.
drop index attempt_client;
