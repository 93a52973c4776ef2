"""What each client plays: the server it meets, its registration, and the person in front of it."""

import json
import os
import urllib.request

from person import Person, send

ISSUER = os.environ["ISSUER"]
REDIRECT_URI = os.environ["REDIRECT_URI"]
EMAIL = os.environ["EMAIL"]
CLIENT_ID = os.environ["CLIENT_ID"]
CLIENT_SECRET = os.environ["CLIENT_SECRET"]
PUBLIC_CLIENT_ID = os.environ["PUBLIC_CLIENT_ID"]
SCOPE = "account:id account:email"


def person():
    """The person, in a browser that was never here."""
    return Person(EMAIL, os.environ["PASSWORD"])


def shown(what):
    """Says what was shown, for those who look for what failed after it."""
    print(f"ok: {what}", flush=True)


def resolve(access_token):
    """What an extension learns from a token: the account, or the status of the refusal."""
    headers = {"Authorization": f"Bearer {access_token}"}
    answer = send(urllib.request.Request(f"{ISSUER}/resolve", headers=headers))
    return json.load(answer) if answer.status == 200 else answer.status


def assert_alive(access_token):
    """Fails unless the token stands for the person."""
    resolved = resolve(access_token)
    assert resolved["account"]["email"] == EMAIL, resolved


def assert_dead(access_token):
    """Fails unless the token stands for nobody."""
    status = resolve(access_token)
    assert status == 401, status
