import { describe, expect, it } from "vitest";

import { followed } from "./use-follow";

const profile = { username: "bob", posts: 1, followers: 4, following: 2, followed_by_me: false };

describe("followed", () => {
  it("counts the follower, and takes him off again", () => {
    const after = followed(profile, true);
    expect(after).toEqual({ ...profile, followers: 5, followed_by_me: true });
    expect(followed(after, false)).toEqual(profile);
  });

  it("does not count anybody twice", () => {
    expect(followed(profile, false)).toBe(profile);
  });
});
