import { useMutation, useQueryClient } from "@tanstack/react-query";

import type { components } from "../../api/auth-server.generated";
import { take, useServers } from "../../api/clients";
import { ApiError } from "../../api/errors";
import { whileTemporary } from "../../api/query-client";
import { usePaged } from "../../ui/paged";

/** A session as auth-server tells its user of it. */
export type UserSession = components["schemas"]["Session"];

/** Under this key are the user's sessions. */
export const SESSIONS_KEY = ["auth", "sessions"] as const;

/** Where the user is logged in. It is asked again by itself, so that a login elsewhere shows. */
export function useSessions() {
  const { auth } = useServers();
  return usePaged(
    SESSIONS_KEY,
    (query, signal) => take(auth.GET("/auth/sessions", { params: { query }, signal })),
    { refetchInterval: 30_000 },
  );
}

/** Ends one session. One that is over already is as good as ended. */
export function useEndSession() {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async (id: string) => {
      try {
        await take(auth.DELETE("/auth/sessions/{id}", { params: { path: { id } } }));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "session_not_found")) throw error;
      }
    },
    retry: whileTemporary,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: SESSIONS_KEY }),
  });
}
