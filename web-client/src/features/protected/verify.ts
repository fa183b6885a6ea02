import { type JWTVerifyOptions, compactVerify, createLocalJWKSet, errors, jwtVerify } from "jose";

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
    succeeds(jwtVerify(token, keys, { algorithms: ALGORITHMS, currentDate: issued, ...options }));
  if (!(await succeeds(compactVerify(token, keys, { algorithms: ALGORITHMS })))) {
    const text = "By no key that auth-server publishes, so that nothing that the token says counts.";
    return [{ name: "Signature", isGood: false, text }];
  }
  const type = String(header["typ"]);
  const audience = [claims["aud"]].flat().map(String).join(" and ");
  return [
    {
      name: "Signature",
      isGood: true,
      text: `By auth-server's key ${String(header["kid"])}, ${String(header["alg"])}.`,
    },
    check("Type", await holds({ typ: "at+jwt" }), {
      good: `An access token (${type}), and none of another kind.`,
      bad: `A token of another kind (${type}), and no access token.`,
    }),
    check("Issuer", await holds({ issuer }), {
      good: `Issued by ${String(claims["iss"])}.`,
      bad: `Issued by ${String(claims["iss"])}, and not by ${issuer}.`,
    }),
    check("Audience", await holds({ audience: issuer }), {
      good: `Meant for ${audience}.`,
      bad: `Meant for ${audience}, and not for ${issuer}.`,
    }),
    check(
      "Time",
      await holds({ currentDate: new Date(), clockTolerance: 5, requiredClaims: ["exp", "iat"] }),
      {
        good: "Its time had come, and was not over, when it was checked.",
        bad: "Its time was over, or had not come, when it was checked.",
      },
    ),
  ];
}

function check(name: string, isGood: boolean, texts: { good: string; bad: string }): Check {
  return { name, isGood, text: isGood ? texts.good : texts.bad };
}

/** Whether what was verified is genuine and as it was asked for. */
async function succeeds(verification: Promise<unknown>): Promise<boolean> {
  try {
    await verification;
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError) return false;
    throw error;
  }
}
