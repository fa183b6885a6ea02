import { describe, expect, test } from "vitest";

import { goingOnTo, nextIn } from "./next";

const nextOf = (next: string) => nextIn(new URLSearchParams({ next }));

describe("nextIn", () => {
  test.each(["/", "/account", "/u/alice/followers", "/admin?q=a%26b&cursor=1", "/protected#claims"])(
    "follows %s",
    (path) => expect(nextOf(path)).toBe(path),
  );

  test.each([
    "",
    "account",
    "https://evil.example/",
    "javascript:alert(1)",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n\\evil.example",
    "/.//evil.example",
    "/a/..//evil.example",
    "/%2e//evil.example",
    " //evil.example",
  ])("goes to the timeline for %j", (path) => expect(nextOf(path)).toBe("/timeline"));

  test("goes to the timeline without one", () => expect(nextIn(new URLSearchParams())).toBe("/timeline"));
});

test("goingOnTo says where only if it is not where one goes anyway", () => {
  expect(goingOnTo("/timeline", "/login")).toBe("/login");
  expect(goingOnTo("/admin?q=a&b", "/signup")).toBe("/signup?next=%2Fadmin%3Fq%3Da%26b");
});
