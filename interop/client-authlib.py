"""A service of yours in Python: client credentials, introspection and revocation with Authlib as it comes.

    client-authlib.py METADATA_URL RESOURCE_API_URL < story.json

The story names two clients (`timeline` with posts:read and users:read, `gateway` with introspect) and a user's tokens. Prints
what was found to be so, or what was not, with exit code 1.
"""

import json
import sys

import requests
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

BASIC, POST, NONE = "client_secret_basic", "client_secret_post", "none"


class Servers:
    """auth-server, as its metadata describe it, and resource-api."""

    def __init__(self, metadata_url, api):
        self.metadata = requests.get(metadata_url, timeout=10).json()
        self.issuer, self.api = self.metadata["issuer"], api

    def session(self, client, method, **more):
        """A session of Authlib's for one of the clients."""
        return OAuth2Session(
            client["id"],
            client.get("secret"),
            token_endpoint=self.metadata["token_endpoint"],
            token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method,
            default_timeout=10,
            **more,
        )

    def is_active(self, gateway, token):
        """Whether a token is good, as another service is told."""
        session = self.session(gateway, BASIC)
        answer = session.introspect_token(self.metadata["introspection_endpoint"], token=token)
        answer.raise_for_status()
        return answer.json()["active"]

    def revoke(self, client, method, token):
        """Revokes a token as the client that it was issued to."""
        session = self.session(client, method)
        session.revoke_token(self.metadata["revocation_endpoint"], token=token).raise_for_status()


def check(what, found, expected):
    """Says what is so; ends when it is not."""
    if found != expected:
        sys.exit(f"{what}: {found!r} instead of {expected!r}")
    print(f"{what}: {found}")


def refusal(work):
    """The error that Authlib raises."""
    try:
        return f"granted: {sorted(work())}"
    except OAuthError as error:
        return error.error


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    servers, story = Servers(*sys.argv[1:]), json.load(sys.stdin)
    timeline, gateway, user = story["timeline"], story["gateway"], story["user"]

    for method in (BASIC, POST):
        session = servers.session(timeline, method)
        token = session.fetch_token()
        check(f"{method}: scope", token["scope"], "posts:read users:read")
        names = {"username": user["username"]}
        users = session.get(f"{servers.issuer}/users", params=names).json()["users"]
        check(f"{method}: a user is found", [found["username"] for found in users], [user["username"]])
        whoami = session.get(f"{servers.api}/api/whoami").json()
        check(f"{method}: resource-api knows the token", whoami["authenticated"], True)
        status = session.get(f"{servers.api}/api/timeline").status_code
        check(f"{method}: a timeline is a user's", status, 403)
        narrow = servers.session(timeline, method, scope="users:read").fetch_token()
        check(f"{method}: narrowed scope", narrow["scope"], "users:read")
        stranger = servers.session(timeline | {"secret": "wrong"}, method)
        check(f"{method}: wrong secret", refusal(stranger.fetch_token), "invalid_client")
        greedy = servers.session(timeline, method, scope="users:read admin")
        check(f"{method}: scope beyond the registered", refusal(greedy.fetch_token), "invalid_scope")

        check(f"{method}: introspected", servers.is_active(gateway, token["access_token"]), True)
        servers.revoke(timeline, method, token["access_token"])
        check(f"{method}: revoked", servers.is_active(gateway, token["access_token"]), False)

    for kind in ("access_token", "refresh_token"):
        check(f"the user's {kind}", servers.is_active(gateway, user[kind]), True)
    servers.revoke({"id": "first-party"}, NONE, user["refresh_token"])
    for kind in ("access_token", "refresh_token"):
        check(f"the user's {kind}, revoked", servers.is_active(gateway, user[kind]), False)


main()
