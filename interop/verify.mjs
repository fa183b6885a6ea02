// Checks one of Latchkey's access tokens with npm's jose and zlib, given the metadata's URL and who we are; nothing else of ours.
//
//     node verify.mjs METADATA_URL AUDIENCE < token
//
// Prints the claims, or `refused: …` with exit code 1.

import { Buffer } from "node:buffer";
import { webcrypto } from "node:crypto";
import { text } from "node:stream/consumers";
import process from "node:process";
import { inflateSync } from "node:zlib";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

// Node 18 has the Web Cryptography API, but not as a global.
globalThis.crypto ??= webcrypto;

const WELL_KNOWN = "/.well-known/oauth-authorization-server";
// RFC 9068 §2.2; jose itself requires iss and aud when it is told what they must be.
const REQUIRED = ["exp", "sub", "client_id", "iat", "jti"];
// draft-ietf-oauth-status-list §5.1, and exp, which ours have.
const REQUIRED_OF_LIST = ["sub", "iat", "exp", "ttl", "status_list"];
// A few kilobytes of zlib can hold gigabytes.
const LARGEST_LIST = 1 << 20;
// What jose throws when it cannot fetch the keys: then there is no verdict on the token.
const NO_KEYS = ["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"];

/** The metadata, whose issuer must be the one whose address we asked (RFC 8414 §3.3). */
async function discover(url) {
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${url} answers ${answer.status}`);
  const metadata = await answer.json();
  if (!url.includes(WELL_KNOWN) || metadata.issuer !== url.replace(WELL_KNOWN, "")) {
    throw new Error(`the metadata at ${url} is of another issuer: ${metadata.issuer}`);
  }
  return metadata;
}

/** What a status list of the issuer says (draft-ietf-oauth-status-list §8.3): 0 is VALID. */
async function status({ uri, idx }, metadata, keys) {
  if (!uri.startsWith(`${metadata.issuer}/`)) {
    throw new errors.JWTInvalid(`the status list is not the issuer's: ${uri}`);
  }
  const answer = await fetch(uri, { redirect: "error", signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw new Error(`${uri} answers ${answer.status}`);
  const { payload } = await jwtVerify(await answer.text(), keys, {
    algorithms: ["RS256"],
    requiredClaims: REQUIRED_OF_LIST,
    subject: uri,
    typ: "statuslist+jwt",
  });
  const { bits, lst } = payload.status_list;
  const statuses = inflateSync(Buffer.from(lst, "base64url"), { maxOutputLength: LARGEST_LIST });
  const at = Math.floor((idx * bits) / 8);
  if (!(at < statuses.length)) throw new errors.JWTInvalid(`the status list has no place ${idx}`);
  return (statuses[at] >> ((idx * bits) % 8)) & ((1 << bits) - 1);
}

/** The claims of a good access token (RFC 9068 §4) that was not revoked. */
async function verify(token, metadata, audience) {
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ["RS256"],
    audience,
    issuer: metadata.issuer,
    requiredClaims: REQUIRED,
    typ: "at+jwt",
  });
  if ((await status(payload.status.status_list, metadata, keys)) !== 0) {
    throw new errors.JWTInvalid("the token was revoked");
  }
  return payload;
}

if (process.argv.length !== 4) {
  console.error("usage: node verify.mjs METADATA_URL AUDIENCE < token");
  process.exit(1);
}
const [url, audience] = process.argv.slice(2);
const metadata = await discover(url);
const token = (await text(process.stdin)).trim();
try {
  console.log(JSON.stringify(await verify(token, metadata, audience), null, 2));
} catch (error) {
  if (!(error instanceof errors.JOSEError) || NO_KEYS.includes(error.code)) throw error;
  console.log(`refused: ${error.code}: ${error.message}`);
  process.exitCode = 1;
}
