import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import type { components } from "../../../api/auth-server.generated";
import { take, useServers } from "../../../api/clients";
import { ApiError } from "../../../api/errors";
import { whileTemporary } from "../../../api/query-client";
import { usePaged } from "../../../ui/paged";
import { adminKeys } from "../admin-keys";

/** A service that has tokens of its own. */
export type Client = components["schemas"]["Client"];

/** A service, and the secret that was made for it just now. */
export type ClientWithSecret = components["schemas"]["ClientWithSecret"];

/** Every service, newest first. */
export function useClients() {
  const { auth } = useServers();
  return usePaged(adminKeys.clients, (query, signal) =>
    take(auth.GET("/admin/clients", { params: { query }, signal })),
  );
}

/** The scopes that auth-server knows by itself. */
export function useKnownScopes(): readonly string[] {
  const { publicAuth } = useServers();
  const { data } = useQuery({
    queryKey: ["auth", "metadata"],
    queryFn: ({ signal }) => take(publicAuth.GET("/.well-known/oauth-authorization-server", { signal })),
    staleTime: Infinity,
  });
  return data?.scopes_supported ?? [];
}

/** Changes the name or the scopes of a client, or switches it on or off. */
export function useChangeClient(id: string) {
  const { auth } = useServers();
  const reread = useReread();
  return useMutation({
    mutationFn: (body: components["schemas"]["ChangeClientRequest"]) =>
      take(auth.PATCH("/admin/clients/{client_id}", { params: { path: { client_id: id } }, body })),
    onSettled: reread,
  });
}

/** Makes a second secret. Nothing keeps it but whoever asked. */
export function useAddSecret(id: string) {
  const { auth } = useServers();
  const reread = useReread();
  return useMutation({
    mutationFn: () =>
      take(auth.POST("/admin/clients/{client_id}/secret", { params: { path: { client_id: id } } })),
    gcTime: 0,
    onSettled: reread,
  });
}

/** Ends the older of two secrets. It is asked once: a second time it would be another question. */
export function useEndOlderSecret(id: string) {
  const { auth } = useServers();
  const reread = useReread();
  return useMutation({
    mutationFn: () =>
      take(auth.DELETE("/admin/clients/{client_id}/secret", { params: { path: { client_id: id } } })),
    onSettled: reread,
  });
}

/** Removes a client. One that is gone already is as good as removed. */
export function useRemoveClient(id: string) {
  const { auth } = useServers();
  const reread = useReread();
  return useMutation({
    mutationFn: async () => {
      try {
        await take(auth.DELETE("/admin/clients/{client_id}", { params: { path: { client_id: id } } }));
      } catch (error) {
        if (!(error instanceof ApiError && error.code === "client_not_found")) throw error;
      }
    },
    retry: whileTemporary,
    onSettled: reread,
  });
}

/** Reads the list again. After a failure too: then it may not be what it was. */
function useReread(): () => Promise<void> {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: adminKeys.clients });
}
