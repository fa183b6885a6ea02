import { describe, expect, it } from "vitest";

import { countCharacters, isBlank } from "./content";

describe("countCharacters", () => {
  it("counts code points, neither bytes nor UTF-16 units", () => {
    expect(countCharacters("")).toBe(0);
    expect(countCharacters("né\n")).toBe(3);
    expect(countCharacters("🦀".repeat(500))).toBe(500);
  });
});

describe("isBlank", () => {
  it.each(["", " ", "\n\t", "\u2003", "\u0085"])("takes %j for blank", (text) => {
    expect(isBlank(text)).toBe(true);
  });

  // resource-api takes a byte order mark for a character, whatever String.prototype.trim says.
  it.each(["a", " a ", "\ufeff"])("does not take %j for blank", (text) => {
    expect(isBlank(text)).toBe(false);
  });
});
