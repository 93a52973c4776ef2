"""Authlib: metadata checked by its RFC 8414 classes, then its `OAuth2Session` with each client authentication."""

import json
import os
import urllib.request
from urllib.parse import parse_qs, urlsplit

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP, as only loopback has it

from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url

import story
from person import send

well_known = get_well_known_url(story.ISSUER, external=True)
server = AuthorizationServerMetadata(json.load(send(urllib.request.Request(well_known))))
server.validate()
assert server.issuer == story.ISSUER
story.shown("discovered the metadata")


def play(method, client_id, client_secret=None):
    session = OAuth2Session(
        client_id,
        client_secret,
        token_endpoint_auth_method=method,
        revocation_endpoint_auth_method=method,
        code_challenge_method="S256",
        scope=story.SCOPE,
        redirect_uri=story.REDIRECT_URI,
    )
    session.trust_env = False
    verifier = generate_token(64)
    url, state = session.create_authorization_url(
        server.authorization_endpoint, code_verifier=verifier
    )
    back = story.person().approve(url, story.REDIRECT_URI)
    # The library checks the state, and leaves the issuer to its users.
    assert parse_qs(urlsplit(back).query)["iss"] == [server.issuer]
    linked = session.fetch_token(
        server.token_endpoint, authorization_response=back, state=state, code_verifier=verifier
    )
    assert linked["token_type"] == "Bearer" and not linked.is_expired()
    resolved = session.get(f"{story.ISSUER}/resolve").json()
    assert resolved["account"]["email"] == story.EMAIL
    story.shown(f"linked with {method}")

    refreshed = session.refresh_token(server.token_endpoint)
    assert refreshed["access_token"] != linked["access_token"]
    claims = session.get(server["userinfo_endpoint"]).json()
    assert claims["sub"] == resolved["account"]["id"] and claims["email"] == story.EMAIL
    story.shown(f"refreshed with {method}")

    if client_secret:
        known = session.introspect_token(
            server.introspection_endpoint, token=refreshed["access_token"]
        )
        assert known.json()["active"] is True
    revoked = session.revoke_token(
        server.revocation_endpoint,
        token=refreshed["refresh_token"],
        token_type_hint="refresh_token",
    )
    assert revoked.status_code == 200
    story.assert_dead(refreshed["access_token"])
    try:
        session.refresh_token(server.token_endpoint, refresh_token=refreshed["refresh_token"])
    except OAuthError as refused:
        assert refused.error == "invalid_grant", refused
    else:
        raise AssertionError("a revoked link was refreshed")
    story.shown(f"revoked with {method}")


play("client_secret_basic", story.CLIENT_ID, story.CLIENT_SECRET)
play("client_secret_post", story.CLIENT_ID, story.CLIENT_SECRET)
play("none", story.PUBLIC_CLIENT_ID)
