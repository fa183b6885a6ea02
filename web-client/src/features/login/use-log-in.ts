import { useRef, useState } from "react";

import { ApiError, isTemporary, retryDelay } from "../../api/errors";
import { useSession } from "../../session/react";

/** Why a login has not happened. */
export type Trouble =
  /** The name or the password is wrong; auth-server does not say which. */
  | { kind: "wrong" }
  /** Too many attempts: auth-server listens again after so many seconds. */
  | { kind: "locked"; seconds: number }
  /** That time is over. */
  | { kind: "unlocked" }
  /** auth-server is away or has no time. It is tried again after so many seconds. */
  | { kind: "away"; error: unknown; seconds: number; attempt: number }
  | { kind: "failed"; error: unknown };

/** Logging in, and what stands in its way. */
export function useLogIn(username: string, password: string) {
  const session = useSession();
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble>();
  const attempts = useRef(0);
  const isUnderWay = useRef(false);

  const logIn = async () => {
    // The countdown, the network that is back and the user may all ask for it at once.
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    attempts.current += 1;
    try {
      await session.logIn(username, password);
      setTrouble(undefined);
    } catch (error) {
      setTrouble(troubleOf(error, attempts.current));
    } finally {
      isUnderWay.current = false;
      setBusy(false);
    }
  };
  const calmDown = () => {
    attempts.current = 0;
    setTrouble(undefined);
  };
  const unlock = () => setTrouble({ kind: "unlocked" });
  return { logIn, isBusy, trouble, calmDown, unlock };
}

/** What an error means to whoever wants to log in. */
export function troubleOf(error: unknown, attempt: number): Trouble {
  if (error instanceof ApiError && error.code === "invalid_credentials") return { kind: "wrong" };
  if (error instanceof ApiError && error.status === 429) {
    // However long: an attempt that comes earlier is refused.
    return { kind: "locked", seconds: error.details.retryAfterSeconds ?? 60 };
  }
  const seconds = Math.ceil(retryDelay(attempt, error) / 1000);
  return isTemporary(error) ? { kind: "away", error, seconds, attempt } : { kind: "failed", error };
}
