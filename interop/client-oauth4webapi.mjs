// The same as client-openid.mjs with the library below it, npm's oauth4webapi, which leaves each request and each answer in
// your hands.
//
//     node client-oauth4webapi.mjs METADATA_URL RESOURCE_API_URL < story.json

import * as oauth from "oauth4webapi";
import { check, checkAccess, readStory } from "./story.mjs";

const story = await readStory();
const { issuer, timeline, gateway, user } = story;
// Plain http is for this machine alone.
const options = { [oauth.allowInsecureRequests]: true };

const found = await oauth.discoveryRequest(issuer, { ...options, algorithm: "oauth2" });
const server = await oauth.processDiscoveryResponse(issuer, found);

async function grant({ id }, authentication, parameters = {}) {
  const client = { client_id: id };
  const answer = await oauth.clientCredentialsGrantRequest(server, client, authentication, parameters, options);
  return oauth.processClientCredentialsResponse(server, client, answer);
}

async function isActive(token) {
  const client = { client_id: gateway.id };
  const authentication = oauth.ClientSecretBasic(gateway.secret);
  const answer = await oauth.introspectionRequest(server, client, authentication, token, options);
  return (await oauth.processIntrospectionResponse(server, client, answer)).active;
}

async function revoke({ id }, authentication, token) {
  const answer = await oauth.revocationRequest(server, { client_id: id }, authentication, token, options);
  return oauth.processRevocationResponse(answer);
}

/** The OAuth error that the library reports: in the body, or under the challenge that came with it. */
async function refusal(work) {
  try {
    await work;
    return "granted";
  } catch (error) {
    if (error instanceof oauth.ResponseBodyError) return error.error;
    if (!(error instanceof oauth.WWWAuthenticateChallengeError)) throw error;
    return (await error.response.json()).error;
  }
}

for (const method of [oauth.ClientSecretBasic, oauth.ClientSecretPost]) {
  const what = method.name;
  const token = await grant(timeline, method(timeline.secret));
  check(`${what}: scope`, token.scope, "posts:read users:read");
  check(`${what}: type`, token.token_type, "bearer");
  const get = (url) => oauth.protectedResourceRequest(token.access_token, "GET", url, undefined, null, options);
  await checkAccess(what, story, get);
  const ofUser = await get(new URL("/auth/user", issuer)).catch((error) => error);
  check(`${what}: a user's own data`, ofUser.cause[0].parameters.error, "insufficient_scope");
  const narrow = await grant(timeline, method(timeline.secret), { scope: "users:read" });
  check(`${what}: narrowed scope`, narrow.scope, "users:read");
  check(`${what}: wrong secret`, await refusal(grant(timeline, method("wrong"))), "invalid_client");
  const greedy = grant(timeline, method(timeline.secret), { scope: "users:read admin" });
  check(`${what}: scope beyond the registered`, await refusal(greedy), "invalid_scope");

  check(`${what}: introspected`, await isActive(token.access_token), true);
  await revoke(timeline, method(timeline.secret), token.access_token);
  check(`${what}: revoked`, await isActive(token.access_token), false);
}

// What was issued to somebody else cannot be revoked by a service; by its holder it can.
const others = revoke(timeline, oauth.ClientSecretBasic(timeline.secret), user.access_token);
check("revoking a user's token as a service", await refusal(others), "invalid_grant");
check("the user's token", await isActive(user.access_token), true);
await revoke({ id: "first-party" }, oauth.None(), user.access_token);
check("the user's token, revoked", await isActive(user.access_token), false);
check("his refresh token with it", await isActive(user.refresh_token), false);
