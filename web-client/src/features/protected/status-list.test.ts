import { base64url } from "jose";
import { expect, test } from "vitest";

import { entryAt, inflate } from "./status-list";

const unpack = (list: string) => inflate(base64url.decode(list));

/** Every entry, one after the other. */
const entries = (list: Uint8Array, bits: number, count: number) =>
  Array.from({ length: count }, (_, index) => entryAt(list, bits, index));

test("reads the list of one bit each that the draft has as its example", async () => {
  const list = await unpack("eNrbuRgAAhcBXQ");
  expect(entries(list, 1, 16)).toEqual([1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]);
});

test("reads the list of two bits each that the draft has as its example", async () => {
  const list = await unpack("eNo76fITAAPfAgc");
  expect(entries(list, 2, 12)).toEqual([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]);
});

test("knows nothing of a place that the list does not have", () => {
  expect(entryAt(new Uint8Array([255]), 1, 8)).toBeUndefined();
});
