import { useQueryClient } from "@tanstack/react-query";

import { take, useServers } from "../../api/clients";
import { type Post, type PostPages, postKeys, postsOf, unseen } from "../../posts/lists";
import { type PageStart, usePaged } from "../../ui/paged";

const ASK_EVERY = 20_000;

/**
 * The timeline as it was when it was read, and beside it what has come since. Nothing moves under the reader until he asks for the
 * new posts.
 */
export function useTimeline() {
  const { api } = useServers();
  const queryClient = useQueryClient();
  const read = (query: PageStart, signal: AbortSignal) =>
    take(api.GET("/api/timeline", { params: { query }, signal }));
  const timeline = usePaged<Post>(postKeys.timeline, read, { staleTime: Infinity });
  const newest = usePaged<Post>(postKeys.newest, read, {
    refetchInterval: ASK_EVERY,
    enabled: timeline.isSuccess,
  });

  const waiting = timeline.data === undefined ? [] : unseen(postsOf(newest.data), postsOf(timeline.data));
  const showNew = () => {
    if (newest.data !== undefined) queryClient.setQueryData<PostPages>(postKeys.timeline, newest.data);
  };
  return { timeline, waiting, hasMoreWaiting: waiting.length > 0 && isFull(newest.data, waiting), showNew };
}

/** Whether there may be more new posts than the first page has. */
function isFull(newest: PostPages | undefined, waiting: readonly Post[]): boolean {
  return newest?.pages[0]?.next_cursor != null && waiting.length === postsOf(newest).length;
}
