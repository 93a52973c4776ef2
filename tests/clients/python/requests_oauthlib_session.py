"""requests-oauthlib: its `OAuth2Session` with PKCE, the secret in a Basic header and in the body."""

import os
from urllib.parse import parse_qs, urlsplit

os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain HTTP, as only loopback has it

from oauthlib.oauth2 import InvalidGrantError
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

import story

TOKEN_URL = f"{story.ISSUER}/oauth/token"
REVOCATION_URL = f"{story.ISSUER}/oauth/revoke"


def play(where, exchange, later, auth=None):
    session = OAuth2Session(
        story.CLIENT_ID, redirect_uri=story.REDIRECT_URI, scope=story.SCOPE.split(), pkce="S256"
    )
    session.trust_env = False
    url, _ = session.authorization_url(f"{story.ISSUER}/oauth/authorize")
    back = story.person().approve(url, story.REDIRECT_URI)
    # The library checks the state, and leaves the issuer to its users.
    assert parse_qs(urlsplit(back).query)["iss"] == [story.ISSUER]
    linked = session.fetch_token(TOKEN_URL, authorization_response=back, **exchange)
    assert linked["scope"] == story.SCOPE.split(), "a changed scope is an error to this library"
    assert session.get(f"{story.ISSUER}/resolve").json()["account"]["email"] == story.EMAIL
    story.shown(f"linked with the secret in the {where}")

    refreshed = session.refresh_token(TOKEN_URL, auth=auth, **later)
    assert session.get(f"{story.ISSUER}/oauth/userinfo").json()["email"] == story.EMAIL
    story.shown(f"refreshed with the secret in the {where}")

    # The session has no revocation; the client below it prepares the request.
    url, headers, body = session._client.prepare_token_revocation_request(
        REVOCATION_URL, refreshed["refresh_token"], "refresh_token", **later
    )
    revoked = session.post(url, data=body, headers=headers, auth=auth, withhold_token=True)
    assert revoked.status_code == 200, revoked.text
    story.assert_dead(refreshed["access_token"])
    try:
        session.refresh_token(TOKEN_URL, auth=auth, **later)
    except InvalidGrantError:
        story.shown(f"revoked with the secret in the {where}")
    else:
        raise AssertionError("a revoked link was refreshed")


secret = {"client_secret": story.CLIENT_SECRET}
play("header", secret, {}, HTTPBasicAuth(story.CLIENT_ID, story.CLIENT_SECRET))
play("body", secret | {"include_client_id": True}, secret | {"client_id": story.CLIENT_ID})
