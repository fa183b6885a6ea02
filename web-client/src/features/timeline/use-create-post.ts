import { useMutation, useMutationState, useQueryClient } from "@tanstack/react-query";

import { take, useServers } from "../../api/clients";
import { addToLists } from "../../posts/lists";
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
  });
}

/** How many posts wait for the connection. */
export function useWaitingPosts(): number {
  return useMutationState({
    filters: { mutationKey: KEY, status: "pending" },
    select: ({ state }) => state.isPaused,
  }).filter(Boolean).length;
}
