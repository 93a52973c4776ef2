-- A letter about a client is from the service as the client's people know it: under the name that the client's
-- pages carry. Null: the service's own name, as it is when the letter is written.

alter table mail add column service text;
