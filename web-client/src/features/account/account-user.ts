import { useQuery } from "@tanstack/react-query";

import { take, useServers } from "../../api/clients";

/** Under this key is what auth-server keeps of the user. */
export const ACCOUNT_KEY = ["auth", "user"] as const;

/** What auth-server keeps of the user. */
export function useAccount() {
  const { auth } = useServers();
  return useQuery({
    queryKey: ACCOUNT_KEY,
    queryFn: ({ signal }) => take(auth.GET("/auth/user", { signal })),
  });
}
