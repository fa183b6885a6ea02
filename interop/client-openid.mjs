// A service of yours in JavaScript: client credentials, introspection and revocation with npm's openid-client as it comes.
//
//     node client-openid.mjs METADATA_URL RESOURCE_API_URL < story.json
//
// The story names two clients (`timeline` with posts:read and users:read, `gateway` with introspect) and a user's tokens.
// Prints what was found to be so, or throws.

import * as client from "openid-client";
import { check, checkAccess, readStory } from "./story.mjs";

const story = await readStory();
const { timeline, gateway, user } = story;

/** A client of ours, configured from the metadata (RFC 8414). Plain http is for this machine alone. */
const configured = ({ id }, authentication) =>
  client.discovery(story.issuer, id, undefined, authentication, {
    algorithm: "oauth2",
    execute: [client.allowInsecureRequests],
  });

/** The OAuth error that openid-client reports: in the body, or under the challenge that came with it. */
async function refusal(work) {
  try {
    await work;
    return "granted";
  } catch (error) {
    if (error.code === "OAUTH_RESPONSE_BODY_ERROR") return error.error;
    if (error.code !== "OAUTH_WWW_AUTHENTICATE_CHALLENGE") throw error;
    return (await error.response.json()).error;
  }
}

const inspector = await configured(gateway, client.ClientSecretBasic(gateway.secret));
const isActive = async (token) => (await client.tokenIntrospection(inspector, token)).active;

for (const method of [client.ClientSecretBasic, client.ClientSecretPost]) {
  const what = method.name;
  const config = await configured(timeline, method(timeline.secret));
  const token = await client.clientCredentialsGrant(config);
  check(`${what}: scope`, token.scope, "posts:read users:read");
  check(`${what}: seconds`, token.expires_in, 300);
  const get = (url) => client.fetchProtectedResource(config, token.access_token, url, "GET");
  await checkAccess(what, story, get);
  const timelineOfUser = get(new URL("/api/timeline", story.api)).catch((error) => error);
  check(`${what}: a timeline is a user's`, (await timelineOfUser).status, 403);
  const narrow = await client.clientCredentialsGrant(config, { scope: "users:read" });
  check(`${what}: narrowed scope`, narrow.scope, "users:read");
  const stranger = await configured(timeline, method("wrong"));
  check(`${what}: wrong secret`, await refusal(client.clientCredentialsGrant(stranger)), "invalid_client");
  const greedy = client.clientCredentialsGrant(config, { scope: "users:read admin" });
  check(`${what}: scope beyond the registered`, await refusal(greedy), "invalid_scope");

  check(`${what}: introspected`, await isActive(token.access_token), true);
  await client.tokenRevocation(config, token.access_token);
  check(`${what}: revoked`, await isActive(token.access_token), false);
}

const firstParty = await configured({ id: "first-party" }, client.None());
const refreshed = await client.refreshTokenGrant(firstParty, user.refresh_token);
check("a user's refresh: scope", refreshed.scope, "posts:read posts:write");
check("the user's token", await isActive(refreshed.access_token), true);
await client.tokenRevocation(firstParty, refreshed.refresh_token);
check("the user's token, revoked", await isActive(refreshed.access_token), false);
