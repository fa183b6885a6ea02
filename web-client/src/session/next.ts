/** Where a visitor goes on to after logging in. */

const DEFAULT = "/timeline";

/**
 * The path that `?next=` names, or the timeline. It may come from anybody's link, so nothing but a path of our own is followed:
 * `//evil.example`, `/\evil.example` and the like are other origins to a browser.
 */
export function nextIn(search: URLSearchParams): string {
  const next = search.get("next") ?? "";
  const base = "https://latchkey.invalid";
  if (!next.startsWith("/") || !URL.canParse(next, base)) return DEFAULT;
  // Judged as a browser reads it: it turns \ into /, drops tabs and line ends, and takes dots away.
  const { origin, pathname, search: query, hash } = new URL(next, base);
  return origin === base && !pathname.startsWith("//") ? pathname + query + hash : DEFAULT;
}

/** A path that goes on to `next` when it is done. */
export function goingOnTo(next: string, path: "/login" | "/signup"): string {
  return next === DEFAULT ? path : `${path}?${new URLSearchParams({ next }).toString()}`;
}
