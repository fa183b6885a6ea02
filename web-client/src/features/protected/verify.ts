import { type JWTVerifyOptions, createLocalJWKSet, errors, jwtVerify } from "jose";

import { type Servers, take } from "../../api/clients";
import { decode } from "../../session/access-token";

/** One thing that a service looks at before it believes a token. */
export interface Check {
  name: string;
  isGood: boolean;
  text: string;
}

/** Access tokens are signed so, and never otherwise (RFC 8725 §3.1). */
export const ALGORITHMS = ["RS256"];

/** The keys that auth-server publishes, for checking signatures. */
export async function publishedKeys(publicAuth: Servers["publicAuth"]) {
  return createLocalJWKSet(await take(publicAuth.GET("/.well-known/jwks.json")));
}

/** Checks an access token as RFC 9068 §4 asks. The issuer is in every token's audience, so that is what we look for there. */
export async function checkToken(
  token: string,
  issuer: string,
  publicAuth: Servers["publicAuth"],
): Promise<Check[]> {
  const keys = await publishedKeys(publicAuth);
  const { header, claims } = decode(token);
  const issued = typeof claims["iat"] === "number" ? new Date(claims["iat"] * 1000) : new Date();
  const holds = (options: JWTVerifyOptions) =>
    jwtVerify(token, keys, { algorithms: ALGORITHMS, currentDate: issued, ...options }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof errors.JOSEError) return false;
        throw error;
      },
    );
  return [
    {
      name: "Signature",
      isGood: await holds({}),
      text: `By auth-server's key ${String(header["kid"])}, ${String(header["alg"])}.`,
    },
    {
      name: "Type",
      isGood: await holds({ typ: "at+jwt" }),
      text: `An access token (${String(header["typ"])}), and none of another kind.`,
    },
    { name: "Issuer", isGood: await holds({ issuer }), text: `Issued by ${String(claims["iss"])}.` },
    {
      name: "Audience",
      isGood: await holds({ audience: issuer }),
      text: `Meant for ${[claims["aud"]].flat().map(String).join(" and ")}.`,
    },
    {
      name: "Time",
      isGood: await holds({ currentDate: new Date(), clockTolerance: 5, requiredClaims: ["exp", "iat"] }),
      text: "Its time had come, and was not over, when it was checked.",
    },
  ];
}
