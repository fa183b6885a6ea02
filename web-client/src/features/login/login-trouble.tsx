import { useEffect, useEffectEvent } from "react";

import { UnreachableError } from "../../api/errors";
import { Button } from "../../ui/button";
import { Notice } from "../../ui/surface";
import { ErrorNotice, duration, inWords, useCountdown } from "../../ui/trouble";
import type { Trouble } from "./use-log-in";

interface LoginTroubleProps {
  trouble: Trouble;
  isBusy: boolean;
  onRetry: () => void;
  onDismiss: () => void;
}

/** What stands in the way of a login, and what to do about it. */
export function LoginTrouble({ trouble, isBusy, onRetry, onDismiss }: LoginTroubleProps) {
  switch (trouble.kind) {
    case "wrong":
      return <Notice tone="danger">The username or the password is not right.</Notice>;
    case "locked":
      return (
        <Notice tone="danger" title="Too many attempts">
          To keep guessers out, logging in is off for {duration(trouble.seconds)}.
        </Notice>
      );
    case "unlocked":
      return <Notice>You can try again now.</Notice>;
    case "away":
      return (
        <Away
          key={trouble.attempt}
          trouble={trouble}
          isBusy={isBusy}
          onRetry={onRetry}
          onDismiss={onDismiss}
        />
      );
    case "failed":
      return <ErrorNotice error={trouble.error} />;
  }
}

function Away({
  trouble,
  isBusy,
  onRetry,
  onDismiss,
}: LoginTroubleProps & { trouble: Trouble & { kind: "away" } }) {
  const left = useCountdown(trouble.seconds);
  const retry = useEffectEvent(onRetry);
  useEffect(() => {
    if (left === 0) retry();
  }, [left]);
  useEffect(() => {
    const onOnline = () => retry();
    addEventListener("online", onOnline);
    return () => removeEventListener("online", onOnline);
  }, []);
  const { title, text } = inWords(trouble.error);
  return (
    <Notice
      tone="warning"
      title={title}
      actions={
        !isBusy && (
          <Button small onClick={onDismiss}>
            Stop trying
          </Button>
        )
      }
    >
      <p>{trouble.error instanceof UnreachableError ? text : "Too many people are logging in at once."}</p>
      <p aria-live="off">{left > 0 && !isBusy ? `Trying again in ${duration(left)}…` : "Trying again…"}</p>
    </Notice>
  );
}

/** In place of the button while auth-server listens to no attempt; tells how long that is. */
export function LockedButton({ seconds, onUnlock }: { seconds: number; onUnlock: () => void }) {
  const left = useCountdown(seconds);
  const unlock = useEffectEvent(onUnlock);
  useEffect(() => {
    if (left === 0) unlock();
  }, [left]);
  return (
    <Button type="submit" variant="primary" disabled>
      Try again in {duration(left)}
    </Button>
  );
}
