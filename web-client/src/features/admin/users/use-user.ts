import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

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
  const afterwards = useAfterwards(id);
  return useMutation({
    mutationFn: (body: components["schemas"]["ChangeUserRequest"]) =>
      take(auth.PATCH("/admin/users/{id}", { params: { path: { id } }, body })),
    onSuccess: (user: User) => {
      queryClient.setQueryData(adminKeys.user(id), user);
      return afterwards(user.is_active);
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
  const afterwards = useAfterwards(id);
  return useMutation({
    mutationFn: () => take(auth.DELETE("/admin/users/{id}/sessions", { params: { path: { id } } })),
    retry: whileTemporary,
    onSuccess: () => afterwards(),
  });
}

/** Deletes an account. One that is gone already is as good as deleted. */
export function useDeleteUser(id: string) {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      try {
        await take(auth.DELETE("/admin/users/{id}", { params: { path: { id } } }));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "user_not_found")) throw error;
      }
    },
    retry: whileTemporary,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: adminKeys.users }),
  });
}

/** Reads again what a change has touched; after one of one's own account, also who one is, unless it is switched off. */
function useAfterwards(id: string): (isActive?: boolean) => Promise<unknown> {
  const queryClient = useQueryClient();
  const session = useSession();
  const self = useUser();
  return (isActive = true) =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: adminKeys.users }),
      queryClient.invalidateQueries({ queryKey: adminKeys.userSessions(id) }),
      id === self.id && isActive ? session.check() : undefined,
    ]);
}
