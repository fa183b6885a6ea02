"""Checks one of Latchkey's access tokens with PyJWT and zlib, given the metadata's URL and who we are alone.

    verify.py METADATA_URL AUDIENCE < token

Prints the claims, or `refused: …` with exit code 1.
"""

import base64
import json
import sys
import urllib.request
import zlib

import jwt

WELL_KNOWN = "/.well-known/oauth-authorization-server"
# RFC 9068 §2.2
REQUIRED = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]
# draft-ietf-oauth-status-list §5.1, and exp, which ours have.
REQUIRED_OF_LIST = ["sub", "iat", "exp", "ttl", "status_list"]
# A few kilobytes of zlib can hold gigabytes.
LARGEST_LIST = 1 << 20


def discover(url):
    """The metadata, whose issuer must be the one whose address we asked (RFC 8414 §3.3)."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        metadata = json.load(answer)
    origin, found, path = url.partition(WELL_KNOWN)
    if not found or metadata["issuer"] != origin + path:
        raise ValueError(f"the metadata at {url} is of another issuer: {metadata['issuer']}")
    return metadata


def decode(token, typ, metadata, **rules):
    """The claims of a JWT of this type that the issuer has signed."""
    header = jwt.get_unverified_header(token)
    if header.get("typ", "").lower() not in (typ, f"application/{typ}"):
        raise jwt.InvalidTokenError(f"typ is {header.get('typ')}")
    key = jwt.PyJWKClient(metadata["jwks_uri"], timeout=10).get_signing_key_from_jwt(token)
    return jwt.decode(token, key, algorithms=["RS256"], **rules)


def status(reference, metadata):
    """What a status list of the issuer says (draft-ietf-oauth-status-list §8.3): 0 is VALID."""
    uri, idx = reference["uri"], reference["idx"]
    if not uri.startswith(metadata["issuer"] + "/"):
        raise jwt.InvalidTokenError(f"the status list is not the issuer's: {uri}")
    with urllib.request.urlopen(uri, timeout=10) as answer:
        fetched = answer.read(LARGEST_LIST).decode("ascii")
    claims = decode(fetched, "statuslist+jwt", metadata, subject=uri, options={"require": REQUIRED_OF_LIST})
    bits, lst = claims["status_list"]["bits"], claims["status_list"]["lst"]
    compressed = base64.urlsafe_b64decode(lst + "=" * (-len(lst) % 4))
    statuses = zlib.decompressobj().decompress(compressed, LARGEST_LIST)
    at, shift = divmod(idx * bits, 8)
    if not 0 <= at < len(statuses):
        raise jwt.InvalidTokenError(f"the status list has no place {idx}")
    return statuses[at] >> shift & ((1 << bits) - 1)


def verify(token, metadata, audience):
    """The claims of a good access token (RFC 9068 §4) that was not revoked."""
    rules = {"issuer": metadata["issuer"], "audience": audience, "options": {"require": REQUIRED}}
    claims = decode(token, "at+jwt", metadata, **rules)
    if status(claims["status"]["status_list"], metadata) != 0:
        raise jwt.InvalidTokenError("the token was revoked")
    return claims


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
