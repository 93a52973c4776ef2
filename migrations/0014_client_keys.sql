-- Clients that sign (private_key_jwt, RFC 7523): a client with public keys proves itself with
-- assertions made by the private ones, and with nothing else.

alter table client
    -- A JWK Set (RFC 7517) of public keys, in the one spelling that was checked; null means a secret,
    -- or nothing at all for a public client.
    add column jwks text,
    add constraint client_with_keys_is_confidential check (jwks is null or confidential);

-- Assertions that were accepted, so that none is accepted twice, at whichever node. There is no
-- reference to the client: rows live for minutes, and none should wait for another's lock.
create table client_assertion (
    client_id text not null,
    -- SHA-256: a `jti` is of any length.
    jti_hash bytea not null,
    expires_at timestamptz not null,
    primary key (client_id, jti_hash)
);

create index client_assertion_expires_at on client_assertion (expires_at);
