import { useMutation, useQueryClient } from "@tanstack/react-query";

import { take, useServers } from "../../api/clients";
import { whileTemporary } from "../../api/query-client";
import { postKeys } from "../../posts/lists";
import { type Profile, profileKeys } from "../../posts/profiles";
import { useUser } from "../../session/react";

/**
 * Follows a user (`true`), or does no more (`false`). It shows at once, and is taken back when the server refuses. One wish comes after
 * the other, so that the last one holds.
 */
export function useFollow(username: string) {
  const { api } = useServers();
  const { username: self } = useUser();
  const queryClient = useQueryClient();
  const queryKey = profileKeys.profile(username);
  return useMutation({
    scope: { id: `follow ${username.toLowerCase()}` },
    mutationFn: (follows: boolean) => {
      const wish = { params: { path: { username } } };
      return follows
        ? take(api.PUT("/api/users/{username}/follow", wish))
        : take(api.DELETE("/api/users/{username}/follow", wish));
    },
    retry: whileTemporary,
    onMutate: async (follows) => {
      await queryClient.cancelQueries({ queryKey });
      const before = queryClient.getQueryData<Profile>(queryKey);
      queryClient.setQueryData<Profile>(queryKey, (profile) => profile && followed(profile, follows));
      return before;
    },
    onError: (_error, _follows, before) => {
      // Of a name that is not known here there is nothing to take back.
      if (before === undefined) return;
      queryClient.setQueryData(queryKey, before);
      void queryClient.invalidateQueries({ queryKey });
    },
    onSuccess: () => {
      const changed = [
        queryKey,
        profileKeys.people(username, "followers"),
        profileKeys.people(self, "following"),
        profileKeys.profile(self),
        // Other posts belong there now.
        postKeys.timeline,
      ];
      return Promise.all(changed.map((key) => queryClient.invalidateQueries({ queryKey: key })));
    },
  });
}

/** The profile as it will be. */
export function followed(profile: Profile, follows: boolean): Profile {
  if (profile.followed_by_me === follows) return profile;
  return { ...profile, followed_by_me: follows, followers: profile.followers + (follows ? 1 : -1) };
}
