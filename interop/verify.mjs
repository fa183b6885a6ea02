// Checks one of Latchkey's access tokens with npm's jose, given the metadata's URL and who we are; nothing else of ours.
//
//     node verify.mjs METADATA_URL AUDIENCE < token
//
// Prints the claims, or `refused: …` with exit code 1.

import { webcrypto } from "node:crypto";
import { text } from "node:stream/consumers";
import process from "node:process";
import { createRemoteJWKSet, errors, jwtVerify } from "jose";

// Node 18 has the Web Cryptography API, but not as a global.
globalThis.crypto ??= webcrypto;

const WELL_KNOWN = "/.well-known/oauth-authorization-server";
// RFC 9068 §2.2; jose itself requires iss and aud when it is told what they must be.
const REQUIRED = ["exp", "sub", "client_id", "iat", "jti"];
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

/** The claims of a good access token (RFC 9068 §4). */
async function verify(token, metadata, audience) {
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ["RS256"],
    audience,
    issuer: metadata.issuer,
    requiredClaims: REQUIRED,
    typ: "at+jwt",
  });
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
