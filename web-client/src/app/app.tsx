import { QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { RouterProvider } from "react-router";

import { createServers, ServersContext } from "../api/clients";
import { createQueryClient } from "../api/query-client";
import type { Settings } from "../api/settings";
import { SessionProvider, useOptionalUser, useSession } from "../session/react";
import type { Session } from "../session/session";
import { Announcer } from "../ui/announcer";
import { ToastProvider } from "../ui/toast";
import { router } from "./router";

interface AppProps {
  session: Session;
  settings: Settings;
}

/** Everything that every page may use. */
export function App({ session, settings }: AppProps) {
  return (
    <SessionProvider session={session}>
      <ToastProvider>
        <ForEachUser settings={settings} />
        <Announcer />
      </ToastProvider>
    </SessionProvider>
  );
}

/** What one user has read, written or opened is gone with him: the next one starts with nothing of it. */
function ForEachUser({ settings }: { settings: Settings }) {
  const id = useOptionalUser()?.id;
  return <Pages key={id ?? "nobody"} settings={settings} userId={id} />;
}

function Pages({ settings, userId }: { settings: Settings; userId: string | undefined }) {
  const session = useSession();
  const [servers] = useState(() => createServers(settings, session.fetchAs(userId)));
  const [queryClient] = useState(createQueryClient);
  return (
    <ServersContext value={servers}>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ServersContext>
  );
}
