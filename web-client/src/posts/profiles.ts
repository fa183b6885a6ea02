import { useQuery } from "@tanstack/react-query";

import { take, useServers } from "../api/clients";
import type { components } from "../api/resource-api.generated";

/** What resource-api knows of a user. */
export type Profile = components["schemas"]["Profile"];

/** The keys of what is read of a user; names are the same without regard to case. */
export const profileKeys = {
  /** Everything of this user but the posts. */
  all: (username: string) => ["api", "users", username.toLowerCase()],
  profile: (username: string) => ["api", "users", username.toLowerCase(), "profile"],
  people: (username: string, relation: "followers" | "following") => [
    "api",
    "users",
    username.toLowerCase(),
    relation,
  ],
} as const;

/** Reads a user's profile. */
export function useProfile(username: string) {
  const { api } = useServers();
  return useQuery({
    queryKey: profileKeys.profile(username),
    queryFn: ({ signal }) =>
      take(api.GET("/api/users/{username}", { params: { path: { username } }, signal })),
  });
}
