import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { RouterProvider } from "react-router";

import { type Servers, ServersContext } from "../api/clients";
import { SessionProvider, useOptionalUser } from "../session/react";
import type { Session } from "../session/session";
import { ToastProvider } from "../ui/toast";
import { router } from "./router";

interface AppProps {
  session: Session;
  servers: Servers;
  queryClient: QueryClient;
}

/** Everything that every page may use. */
export function App({ session, servers, queryClient }: AppProps) {
  return (
    <SessionProvider session={session}>
      <ServersContext value={servers}>
        <QueryClientProvider client={queryClient}>
          <ToastProvider>
            <ForgetsOtherUsers queryClient={queryClient} />
            <RouterProvider router={router} />
          </ToastProvider>
        </QueryClientProvider>
      </ServersContext>
    </SessionProvider>
  );
}

/** What one user has read is not shown to the next one. */
function ForgetsOtherUsers({ queryClient }: { queryClient: QueryClient }) {
  const id = useOptionalUser()?.id;
  const shown = useRef(id);
  useEffect(() => {
    if (shown.current !== undefined && shown.current !== id) queryClient.clear();
    shown.current = id;
  }, [id, queryClient]);
  return null;
}
