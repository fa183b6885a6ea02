import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";

import { useSessionState } from "../session/react";
import { Notice } from "../ui/surface";
import { inWords } from "../ui/trouble";

/** Tells that we are offline, or that auth-server cannot say who is there. Both end by themselves. */
export function Connection() {
  const state = useSessionState();
  const isOnline = useSyncExternalStore(
    (listener) => onlineManager.subscribe(listener),
    () => onlineManager.isOnline(),
  );
  if (!isOnline) {
    return (
      <Notice tone="warning" title="You are offline">
        <p>What you see may be old. This page goes on by itself when the connection is back.</p>
      </Notice>
    );
  }
  if (state.kind === "unreachable") {
    return (
      <Notice tone="warning" title="Finding out who you are takes longer">
        <p>{inWords(state.error).text} This page keeps trying; your session is not lost.</p>
      </Notice>
    );
  }
  return null;
}
