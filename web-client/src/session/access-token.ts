/** Reading an access token (RFC 9068). We show and schedule by what it says; whether it is genuine is for the servers to judge. */

/** Who the token is about. */
export interface User {
  id: string;
  username: string;
  roles: readonly string[];
  scopes: readonly string[];
  sessionId: string;
}

/** A token as we hold it, in memory alone. */
export interface AccessToken {
  value: string;
  user: User;
  /** Milliseconds since the epoch by this machine's clock, from which on it is not used any more. */
  staleAt: number;
  /** The same of when it expires. The token tells that by the clock of auth-server. */
  expiresAt: number;
}

/** The parts of a JWT that are JSON. */
export interface Decoded {
  header: Record<string, unknown>;
  claims: Record<string, unknown>;
}

/**
 * Takes a token that expires in so many seconds. It counts as stale a little before: a request takes its time, and clocks differ.
 */
export function readAccessToken(value: string, expiresIn: number, now: number): AccessToken {
  const { claims } = decode(value);
  const margin = Math.min(10, expiresIn / 5);
  const expiresAt = now + expiresIn * 1000;
  return { value, user: userOf(claims), staleAt: expiresAt - margin * 1000, expiresAt };
}

/** Takes a JWT (RFC 7519) apart without checking it. */
export function decode(token: string): Decoded {
  const [header, claims] = token.split(".");
  if (header === undefined || claims === undefined) throw new Error("a JWT has three parts");
  return { header: parse(header), claims: parse(claims) };
}

function parse(part: string): Record<string, unknown> {
  const binary = atob(part.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown>;
}

function userOf(claims: Record<string, unknown>): User {
  const { sub, username, sid, roles, scope } = claims;
  if (typeof sub !== "string" || typeof username !== "string" || typeof sid !== "string") {
    throw new Error("the token is none of a user's session");
  }
  return {
    id: sub,
    username,
    sessionId: sid,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === "string") : [],
    scopes: typeof scope === "string" ? scope.split(" ").filter(Boolean) : [],
  };
}
