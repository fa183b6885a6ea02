"""Checks one of Latchkey's access tokens with PyJWT, given the metadata's URL and who we are; nothing else of ours.

    verify.py METADATA_URL AUDIENCE < token

Prints the claims, or `refused: …` with exit code 1.
"""

import json
import sys
import urllib.request

import jwt

WELL_KNOWN = "/.well-known/oauth-authorization-server"
# RFC 9068 §2.2
REQUIRED = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]


def discover(url):
    """The metadata, whose issuer must be the one whose address we asked (RFC 8414 §3.3)."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        metadata = json.load(answer)
    origin, found, path = url.partition(WELL_KNOWN)
    if not found or metadata["issuer"] != origin + path:
        raise ValueError(f"the metadata at {url} is of another issuer: {metadata['issuer']}")
    return metadata


def verify(token, metadata, audience):
    """The claims of a good access token (RFC 9068 §4)."""
    header = jwt.get_unverified_header(token)
    if header.get("typ", "").lower() not in ("at+jwt", "application/at+jwt"):
        raise jwt.InvalidTokenError(f"typ is {header.get('typ')}")
    key = jwt.PyJWKClient(metadata["jwks_uri"], timeout=10).get_signing_key_from_jwt(token)
    return jwt.decode(
        token,
        key,
        algorithms=["RS256"],
        issuer=metadata["issuer"],
        audience=audience,
        options={"require": REQUIRED},
    )


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    _, url, audience = sys.argv
    metadata = discover(url)
    try:
        claims = verify(sys.stdin.read().strip(), metadata, audience)
    except jwt.PyJWKClientConnectionError:
        raise  # no keys, no verdict
    except jwt.PyJWTError as error:
        print(f"refused: {type(error).__name__}: {error}")
        sys.exit(1)
    print(json.dumps(claims, indent=2))


main()
