import { type JWTPayload, SignJWT, exportJWK, generateKeyPair } from "jose";
import createClient from "openapi-fetch";
import { expect, test } from "vitest";

import type { paths } from "../../api/auth-server.generated";
import { checkToken } from "./verify";

const ISSUER = "https://auth.example.org";
const NOW = Math.floor(Date.now() / 1000);

const { privateKey, publicKey } = await generateKeyPair("RS256");
const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "RS256", use: "sig" };
const publicAuth = createClient<paths>({
  baseUrl: ISSUER,
  fetch: () => Promise.resolve(Response.json({ keys: [jwk] })),
});

const GOOD = { iss: ISSUER, aud: [ISSUER, "https://api.example.org"], iat: NOW - 60, exp: NOW + 60 };

function sign(claims: JWTPayload, { typ = "at+jwt", key = privateKey } = {}): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "one", typ }).sign(key);
}

/** What is said of the checks that a token does not pass. */
async function faults(token: string): Promise<Record<string, string>> {
  const checks = await checkToken(token, ISSUER, publicAuth);
  return Object.fromEntries(checks.filter(({ isGood }) => !isGood).map(({ name, text }) => [name, text]));
}

test("says of a token in order why it is believed", async () => {
  const checks = await checkToken(await sign(GOOD), ISSUER, publicAuth);
  expect(checks.map(({ name, isGood }) => [name, isGood])).toEqual([
    ["Signature", true],
    ["Type", true],
    ["Issuer", true],
    ["Audience", true],
    ["Time", true],
  ]);
  expect(checks[3]?.text).toBe("Meant for https://auth.example.org and https://api.example.org.");
});

test("says of each check that a token fails what is wrong, and of no other", async () => {
  expect(await faults(await sign(GOOD, { typ: "JWT" }))).toEqual({
    Type: "A token of another kind (JWT), and no access token.",
  });
  expect(await faults(await sign({ ...GOOD, iss: "https://other.example.org" }))).toEqual({
    Issuer: "Issued by https://other.example.org, and not by https://auth.example.org.",
  });
  expect(await faults(await sign({ ...GOOD, aud: "https://api.example.org" }))).toEqual({
    Audience: "Meant for https://api.example.org, and not for https://auth.example.org.",
  });
  const over = "Its time was over, or had not come, when it was checked.";
  expect(await faults(await sign({ ...GOOD, exp: NOW - 30 }))).toEqual({ Time: over });
});

test("believes nothing that a token says which somebody else has signed", async () => {
  const { privateKey: key } = await generateKeyPair("RS256");
  const checks = await checkToken(await sign(GOOD, { key }), ISSUER, publicAuth);
  expect(checks).toHaveLength(1);
  expect(checks[0]).toMatchObject({ name: "Signature", isGood: false });
});
