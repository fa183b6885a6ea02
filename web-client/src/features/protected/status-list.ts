import { base64url, errors, jwtVerify } from "jose";

import { type Servers, take } from "../../api/clients";
import { decode } from "../../session/access-token";
import { ALGORITHMS, type Check, publishedKeys } from "./verify";

/** Where it is published whether a token has been revoked. */
interface Place {
  uri: string;
  idx: number;
}

/** Looks a token up in its status list (draft-ietf-oauth-status-list §8.3). */
export async function readStatus(
  token: string,
  issuer: string,
  publicAuth: Servers["publicAuth"],
): Promise<Check[]> {
  const place = placeIn(decode(token).claims);
  const number =
    place?.uri.startsWith(`${issuer}/oauth/status-lists/`) === true ? place.uri.split("/").at(-1) : undefined;
  if (place === undefined || number === undefined) {
    return [{ name: "Status", isGood: false, text: "It names no status list of this issuer." }];
  }
  const path = { number: Number(number) };
  const list = await take(
    publicAuth.GET("/oauth/status-lists/{number}", { params: { path }, parseAs: "text" }),
  );
  const status = await statusAt(list, place, await publishedKeys(publicAuth));
  if (status === undefined)
    return [{ name: "Status", isGood: false, text: "Its status list is not genuine." }];
  const where = `place ${place.idx} of the signed list ${number}`;
  return [
    status === 0
      ? { name: "Status", isGood: true, text: `Not revoked: the bit at ${where} is 0.` }
      : { name: "Status", isGood: false, text: `Revoked: the bit at ${where} is ${status}.` },
  ];
}

/** What a signed list says of a place: 0 is valid. `undefined` when the list cannot be believed. */
async function statusAt(
  list: string,
  { uri, idx }: Place,
  keys: Awaited<ReturnType<typeof publishedKeys>>,
): Promise<number | undefined> {
  try {
    const { payload } = await jwtVerify(list, keys, {
      algorithms: ALGORITHMS,
      typ: "statuslist+jwt",
      subject: uri,
      clockTolerance: 5,
    });
    const { status_list: packed } = payload;
    if (!isRecord(packed) || typeof packed["bits"] !== "number" || typeof packed["lst"] !== "string")
      return undefined;
    return entryAt(await inflate(base64url.decode(packed["lst"])), packed["bits"], idx);
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined;
    throw error;
  }
}

/** One entry of a list whose entries have so many bits each, the lowest bits of a byte first (§4.1). */
export function entryAt(list: Uint8Array, bits: number, index: number): number | undefined {
  const offset = index * bits;
  const byte = list[Math.floor(offset / 8)];
  return byte === undefined ? undefined : (byte >> (offset % 8)) & (2 ** bits - 1);
}

/** Undoes the compression of a list: DEFLATE in the ZLIB format (§4.1). */
export async function inflate(packed: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(packed)]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function placeIn(claims: Record<string, unknown>): Place | undefined {
  const { status } = claims;
  const place = isRecord(status) ? status["status_list"] : undefined;
  if (!isRecord(place)) return undefined;
  const { uri, idx } = place;
  return typeof uri === "string" && typeof idx === "number" ? { uri, idx } : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
