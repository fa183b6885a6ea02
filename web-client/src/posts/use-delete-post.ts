import { useMutation, useQueryClient } from "@tanstack/react-query";

import { take, useServers } from "../api/clients";
import { ApiError } from "../api/errors";
import { whileTemporary } from "../api/query-client";
import { type Post, removeFromLists } from "./lists";
import { profileKeys } from "./profiles";

/** Deletes a post. One that is gone already is as good as deleted. */
export function useDeletePost() {
  const { api } = useServers();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async ({ id }: Post) => {
      try {
        await take(api.DELETE("/api/posts/{id}", { params: { path: { id } } }));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "post_not_found")) throw error;
      }
    },
    retry: whileTemporary,
    onSuccess: (_nothing, post) => {
      removeFromLists(queryClient, post.id);
      void queryClient.invalidateQueries({ queryKey: profileKeys.profile(post.author) });
    },
  });
}
