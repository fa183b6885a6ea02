import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from "react";

import type { AccessToken, User } from "./access-token";
import type { Session, SessionState } from "./session";

const SessionContext = createContext<Session | undefined>(undefined);

/** Hands the session down. */
export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  useEffect(() => {
    const onPageShow = (event: PageTransitionEvent) => {
      if (event.persisted) void session.check();
    };
    addEventListener("pageshow", onPageShow);
    return () => removeEventListener("pageshow", onPageShow);
  }, [session]);
  return <SessionContext value={session}>{children}</SessionContext>;
}

/** The session itself, for logging in and out. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (session === undefined) throw new Error("useSession needs a SessionProvider above it");
  return session;
}

/** Where the session stands; the component is rendered anew when that changes. */
export function useSessionState(): SessionState {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.state);
}

/** Who is logged in, also while he is asked to log in again; `undefined` when nobody is. */
export function useOptionalUser(): User | undefined {
  const state = useSessionState();
  return state.kind === "logged-in" || state.kind === "ended" ? state.user : undefined;
}

/** Who is logged in, on pages that are for users alone. */
export function useUser(): User {
  const user = useOptionalUser();
  if (user === undefined) throw new Error("this page is shown to users alone");
  return user;
}

/** The access token in use, for showing what it says; `undefined` while there is none. */
export function useAccessToken(): AccessToken | undefined {
  const session = useSession();
  return useSyncExternalStore(session.subscribe, () => session.token);
}
