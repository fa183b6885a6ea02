import { expect, it } from "vitest";

import { areSame } from "./roles";

it("compares roles without regard to their order", () => {
  expect(areSame(["admin", "user"], ["user", "admin"])).toBe(true);
  expect(areSame(["user"], ["user", "admin"])).toBe(false);
  expect(areSame([], ["user"])).toBe(false);
});
