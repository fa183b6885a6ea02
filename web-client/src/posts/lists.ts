import type { InfiniteData, QueryClient } from "@tanstack/react-query";

import type { components } from "../api/resource-api.generated";
import type { ListPage } from "../ui/paged";

/** A post, as resource-api gives it. */
export type Post = components["schemas"]["Post"];

/** What is kept of a list of posts that was read. */
export type PostPages = InfiniteData<ListPage<Post>>;

/** The keys of the lists of posts; all of them begin with `all`. */
export const postKeys = {
  all: ["api", "posts"],
  timeline: ["api", "posts", "timeline"],
  newest: ["api", "posts", "newest"],
  by: (username: string) => ["api", "posts", "by", username.toLowerCase()],
} as const;

/** Takes a post out of every list, without reading them again: what the user looks at stays where it is. */
export function removeFromLists(queryClient: QueryClient, id: string): void {
  queryClient.setQueriesData<PostPages>({ queryKey: postKeys.all }, (pages) => pages && without(pages, id));
}

/** Puts a post that was published just now at the head of the lists in which it belongs and that are there already. */
export function addToLists(queryClient: QueryClient, post: Post): void {
  for (const queryKey of [postKeys.timeline, postKeys.by(post.author)]) {
    queryClient.setQueryData<PostPages>(queryKey, (pages) => pages && withFirst(pages, post));
  }
}

/** The same pages without a post. */
export function without(pages: PostPages, id: string): PostPages {
  return {
    ...pages,
    pages: pages.pages.map((page) => ({ ...page, items: page.items.filter((post) => post.id !== id) })),
  };
}

/** The same pages with a post at their head, once. */
export function withFirst(pages: PostPages, post: Post): PostPages {
  const { pages: rest, ...others } = without(pages, post.id);
  const [first, ...later] = rest;
  return first === undefined
    ? pages
    : { ...others, pages: [{ ...first, items: [post, ...first.items] }, ...later] };
}

/** The posts of all pages, in their order. */
export function postsOf(pages: PostPages | undefined): Post[] {
  return pages?.pages.flatMap((page) => page.items) ?? [];
}

/**
 * The newest posts that are not on show. Ids grow with time (UUIDv7), and what is older than all that is shown is not new: it comes
 * as one reads on.
 */
export function unseen(newest: readonly Post[], shown: readonly Post[]): Post[] {
  const ids = new Set(shown.map((post) => post.id));
  const oldest = shown.at(-1)?.id ?? "";
  return newest.filter((post) => !ids.has(post.id) && post.id > oldest);
}
