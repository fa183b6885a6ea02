import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";

import { take, useServers } from "../../api/clients";
import { ApiError, UnreachableError } from "../../api/errors";
import { addToLists, postKeys } from "../../posts/lists";
import { profileKeys } from "../../posts/profiles";

const KEY = ["api", "createPost"];

/**
 * Publishes a post. It is sent once only, for nobody could tell a repetition from a second post; but while we are offline it waits
 * for the connection, also when the user has gone to another page meanwhile.
 */
export function useCreatePost() {
  const { api } = useServers();
  const queryClient = useQueryClient();
  return useMutation({
    mutationKey: KEY,
    mutationFn: (content: string) => take(api.POST("/api/posts", { body: { content } })),
    onSuccess: (post) => {
      addToLists(queryClient, post);
      void queryClient.invalidateQueries({ queryKey: profileKeys.profile(post.author) });
    },
    onError: (error) => {
      if (mayBePublished(error)) void queryClient.invalidateQueries({ queryKey: postKeys.newest });
    },
  });
}

/** Whether a post may have been published although it failed: the request may have arrived when no answer did. */
export function mayBePublished(error: unknown): boolean {
  return (
    error instanceof UnreachableError || (error instanceof ApiError && [502, 504].includes(error.status))
  );
}

/** How many posts wait for the connection. */
export function useWaitingPosts(): number {
  return useMutationState({
    filters: { mutationKey: KEY, status: "pending" },
    select: ({ state }) => state.isPaused,
  }).filter(Boolean).length;
}
