import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import type { components } from "../../../api/auth-server.generated";
import { take, useServers } from "../../../api/clients";
import { ApiError } from "../../../api/errors";
import { whileTemporary } from "../../../api/query-client";
import { useSession, useUser } from "../../../session/react";
import { adminKeys } from "../admin-keys";
import type { User } from "./users-table";

/** One account. */
export function useAccountOf(id: string) {
  const { auth } = useServers();
  return useQuery({
    queryKey: adminKeys.user(id),
    queryFn: ({ signal }) => take(auth.GET("/admin/users/{id}", { params: { path: { id } }, signal })),
  });
}

/** Changes the roles of an account, or switches it on or off. */
export function useChangeUser(id: string) {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  const session = useSession();
  const { isSelf, leave } = useSelf(id);
  return useMutation({
    mutationFn: (body: components["schemas"]["ChangeUserRequest"]) =>
      take(auth.PATCH("/admin/users/{id}", { params: { path: { id } }, body })),
    onSuccess: async (user: User) => {
      if (isSelf && !user.is_active) {
        await leave();
        return;
      }
      queryClient.setQueryData(adminKeys.user(id), user);
      void queryClient.invalidateQueries({ queryKey: adminKeys.users });
      void queryClient.invalidateQueries({ queryKey: adminKeys.userSessions(id) });
      // The roles that one has are in the token.
      if (isSelf) void session.check();
    },
    onError: (error) => {
      // What is on show is not what there is.
      const isOutdated = error instanceof ApiError && [404, 409].includes(error.status);
      if (isOutdated) void queryClient.invalidateQueries({ queryKey: adminKeys.user(id), exact: true });
    },
  });
}

/** Ends every session of a user. */
export function useEndSessionsOf(id: string) {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  const { isSelf, leave } = useSelf(id);
  return useMutation({
    mutationFn: () => take(auth.DELETE("/admin/users/{id}/sessions", { params: { path: { id } } })),
    retry: whileTemporary,
    onSuccess: async () => {
      if (isSelf) await leave();
      else void queryClient.invalidateQueries({ queryKey: adminKeys.userSessions(id) });
    },
  });
}

/** Deletes an account. One that is gone already is as good as deleted. */
export function useDeleteUser(id: string) {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  const { isSelf, leave } = useSelf(id);
  return useMutation({
    mutationFn: async () => {
      try {
        await take(auth.DELETE("/admin/users/{id}", { params: { path: { id } } }));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "user_not_found")) throw error;
      }
    },
    retry: whileTemporary,
    onSuccess: async () => {
      if (isSelf) await leave();
      else void queryClient.invalidateQueries({ queryKey: adminKeys.users });
    },
  });
}

/**
 * Whether an account is one's own, and the way out for whoever has just ended all of his sessions: he is a visitor then, and is not
 * asked to log in again.
 */
function useSelf(id: string) {
  const session = useSession();
  const self = useUser();
  const navigate = useNavigate();
  const leave = async () => {
    await session.forgetEnded();
    await navigate("/", { replace: true });
  };
  return { isSelf: id === self.id, leave };
}
