// What client-openid.mjs and client-oauth4webapi.mjs have in common: where the servers are, who the clients are, and what is
// said of what is found.

import { webcrypto } from "node:crypto";
import process from "node:process";
import { json } from "node:stream/consumers";

// Node 18 has the Web Cryptography API, but not as a global.
globalThis.crypto ??= webcrypto;

const WELL_KNOWN = "/.well-known/oauth-authorization-server";

/** The arguments and standard input; ends when they are not there. */
export async function readStory() {
  const [metadata, api] = process.argv.slice(2);
  if (process.argv.length !== 4 || !metadata.endsWith(WELL_KNOWN)) {
    console.error(`usage: node ${process.argv[1]} METADATA_URL RESOURCE_API_URL < story.json`);
    process.exit(1);
  }
  return { issuer: new URL(metadata.slice(0, -WELL_KNOWN.length)), api, ...(await json(process.stdin)) };
}

/** Says what is so; throws when it is not. */
export function check(what, found, expected) {
  if (found !== expected) throw new Error(`${what}: ${found} instead of ${expected}`);
  console.log(`${what}: ${found}`);
}

/** What a token of a service's own opens, at both servers; `get` sends a request with it. */
export async function checkAccess(what, { issuer, api, user }, get) {
  const found = await (await get(new URL(`/users?username=${user.username}`, issuer))).json();
  check(`${what}: a user is found`, found.users[0].username, user.username);
  const whoami = await (await get(new URL("/api/whoami", api))).json();
  check(`${what}: resource-api knows the token`, whoami.authenticated, true);
}
