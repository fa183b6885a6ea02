import { describe, expect, test } from "vitest";

import { areMet, passwordRules, usernameRules } from "./credential-rules";

describe("usernameRules", () => {
  test.each(["abc", "mira.stone", "A_b-9", "x".repeat(32)])("allow %s", (name) => {
    expect(areMet(usernameRules(name))).toBe(true);
  });
  test.each(["", "ab", "x".repeat(33), "mïra", "a b", "bob\n", "bob@home"])("refuse %j", (name) => {
    expect(areMet(usernameRules(name))).toBe(false);
  });
});

describe("passwordRules", () => {
  test.each(["12345678", "x".repeat(72), "é".repeat(36), "🔑".repeat(8)])("allow %s", (password) => {
    expect(areMet(passwordRules(password))).toBe(true);
  });
  test.each(["1234567", "x".repeat(73), "é".repeat(37), "🔑".repeat(7)])("refuse %s", (password) => {
    expect(areMet(passwordRules(password))).toBe(false);
  });
  test("count a letter and its accent as one character, and as the bytes of one", () => {
    expect(areMet(passwordRules("e\u0301".repeat(7)))).toBe(false);
    expect(areMet(passwordRules("e\u0301".repeat(36)))).toBe(true);
  });
});
