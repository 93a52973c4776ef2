-- Keys come and go by a schedule, and one whose secret got out goes at once. A refresh key can't go by
-- the clock: it has to stay while any link may still be renewed with it.

alter table key
    -- From then on nothing made with it is believed; the row stays until no link names it.
    add column compromised_at timestamptz,
    -- When it was last asked whether a link names it: once a day, by one node.
    add column links_checked_at timestamptz;

-- The key of the token last presented. Until its successor has been seen, the platform may have to
-- present that one again, so it must go on verifying. Null on a row that was refreshed before this
-- column was there: then it may be any.
alter table link add column confirmed_key_id smallint;

alter type link_end add value 'key_compromised';
