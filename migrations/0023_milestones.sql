-- Which parts of a platform's side have been seen to work? What the console's check marks are measured
-- by: a platform's own console tells nobody whether what was pasted into it is right.
create table milestone (
    client_id text not null references client on delete cascade,
    milestone text not null,
    -- Played by `linkgate simulate`: shows that this side works, and says nothing about the platform's.
    simulated boolean not null,
    first_at timestamptz not null,
    -- To the hour.
    last_at timestamptz not null,
    primary key (client_id, milestone, simulated)
);
