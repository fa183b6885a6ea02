import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";

import { addToLists, type Post, type PostPages, postKeys, postsOf, removeFromLists, unseen } from "./lists";

const post = (id: string, author = "alice"): Post => ({
  id,
  author,
  content: `post ${id}`,
  created_at: "2026-01-01T00:00:00Z",
});

const pagesOf = (...pages: string[][]): PostPages => ({
  pages: pages.map((ids) => ({ items: ids.map((id) => post(id)), next_cursor: null })),
  pageParams: pages.map(() => ({})),
});

const idsIn = (client: QueryClient, key: readonly unknown[]) =>
  postsOf(client.getQueryData<PostPages>(key)).map(({ id }) => id);

describe("the lists of posts", () => {
  it("lose a deleted post wherever it stands", () => {
    const client = new QueryClient();
    client.setQueryData(postKeys.timeline, pagesOf(["4", "3"], ["2", "1"]));
    client.setQueryData(postKeys.by("alice"), pagesOf(["2"]));
    removeFromLists(client, "2");
    expect(idsIn(client, postKeys.timeline)).toEqual(["4", "3", "1"]);
    expect(idsIn(client, postKeys.by("alice"))).toEqual([]);
  });

  it("begin with a published post, once, where they have been read", () => {
    const client = new QueryClient();
    client.setQueryData(postKeys.timeline, pagesOf(["2"], ["1"]));
    addToLists(client, post("3", "Alice"));
    addToLists(client, post("3", "Alice"));
    expect(idsIn(client, postKeys.timeline)).toEqual(["3", "2", "1"]);
    expect(client.getQueryData(postKeys.by("alice"))).toBeUndefined();
  });
});

describe("unseen", () => {
  const shown = ["5", "3"].map((id) => post(id));

  it("is what is not on show", () => {
    expect(unseen([post("7"), post("5"), post("4"), post("3")], shown).map(({ id }) => id)).toEqual([
      "7",
      "4",
    ]);
  });

  it("is nothing that one finds by reading on", () => {
    expect(unseen([post("5"), post("3"), post("2")], shown)).toEqual([]);
  });

  it("is everything while nothing is on show", () => {
    expect(unseen([post("2")], [])).toHaveLength(1);
  });
});
