-- An attempt and its steps were nine rows, and writing them was most of what a link cost the database.
-- Nobody looks for a step but through its attempt, and most attempts are over before they are written:
-- now the steps are in the attempt's own row, which is then written once.
--
-- A node of the version before, as long as it still runs, can't write steps any more; it counts them in
-- `linkgate_attempt_steps_dropped_total`, and fails nothing.

-- [{"step", "reason", "first_at", "last_at", "times", "detail", "presented", "registered"}], without what is
-- empty, happened once, or is the same as `first_at`.
alter table attempt add column steps jsonb not null default '[]';

update attempt set steps = stored.steps
from (
    select support_code, jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
        'step', step, 'reason', nullif(reason, ''), 'first_at', first_at, 'last_at', nullif(last_at, first_at),
        'times', nullif(times, 1), 'detail', nullif(detail, ''), 'presented', nullif(presented, ''),
        'registered', nullif(registered, ''))) order by first_at) as steps
    from attempt_step group by support_code
) as stored
where attempt.support_code = stored.support_code;

drop table attempt_step;
