import { expect, test } from "vitest";

import { ApiError, UnreachableError } from "../../api/errors";
import { troubleOf } from "./use-log-in";

test("a lockout lasts as long as auth-server says, a quarter of an hour if need be", () => {
  const locked = new ApiError(429, "too_many_requests", "Too many.", { retryAfterSeconds: 900 });
  expect(troubleOf(locked, 1)).toEqual({ kind: "locked", seconds: 900 });
});

test("a server that is away is asked again, within a minute whatever it says", () => {
  const busy = new ApiError(503, "unavailable", "Busy.", { retryAfterSeconds: 3600 });
  expect(troubleOf(busy, 1)).toMatchObject({ kind: "away", seconds: 60 });
  expect(troubleOf(new UnreachableError("http://auth.test"), 1)).toMatchObject({ kind: "away", seconds: 2 });
});

test("wrong credentials and what cannot be helped are told as what they are", () => {
  expect(troubleOf(new ApiError(401, "invalid_credentials", "Wrong."), 1)).toEqual({ kind: "wrong" });
  expect(troubleOf(new ApiError(403, "origin_not_allowed", "No."), 1)).toMatchObject({ kind: "failed" });
});
