-- JWT access tokens (RFC 9068), for the APIs that check tokens themselves: the keys that sign them
-- join the others, and each client says which algorithm its API knows and whom its tokens are for.

-- A private key in PKCS#8, sealed like the other secrets but longer. The kind of a new key may not
-- be used in this very transaction, so the first ones are made by the server.
alter type key_kind add value 'signing_es256';
alter type key_kind add value 'signing_eddsa';
alter type key_kind add value 'signing_rs256';

create type token_algorithm as enum ('es256', 'eddsa', 'rs256');

alter table client
    add column token_algorithm token_algorithm not null default 'es256',
    -- The `aud` of its JWTs; null means the issuer.
    add column token_audience text;
