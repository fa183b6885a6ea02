import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";

import { ApiError, UnreachableError, isTemporary, retryDelay } from "../api/errors";
import { Button } from "./button";
import { Notice, Skeleton } from "./surface";
import styles from "./surface.module.css";
import { useNow } from "./time";

/** An error in words: what happened, and what can be done. */
export function ErrorNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { title, text } = inWords(error);
  const requestId = error instanceof ApiError ? error.details.requestId : undefined;
  return (
    <Notice
      tone="danger"
      title={title}
      actions={
        onRetry && (
          <Button small onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      <p>{text}</p>
      {requestId !== undefined && (
        <p className={styles.reference}>
          Reference for support: <code>{requestId}</code>
        </p>
      )}
    </Notice>
  );
}

/** The title and the sentence for an error. */
export function inWords(error: unknown): { title: string; text: string } {
  if (error instanceof UnreachableError) {
    return navigator.onLine
      ? { title: "No answer", text: `${hostOf(error.server)} cannot be reached right now.` }
      : { title: "You are offline", text: "There is no network connection." };
  }
  if (!(error instanceof ApiError)) {
    return {
      title: "That did not work",
      text: error instanceof Error ? error.message : "Something went wrong.",
    };
  }
  const wait = error.details.retryAfterSeconds;
  if (error.status === 429) {
    return {
      title: "Too many attempts",
      text: `For your safety, wait ${duration(wait ?? 60)} before you try again.`,
    };
  }
  if (isTemporary(error)) {
    return { title: "The server is busy", text: `Nothing is lost. Try again in ${duration(wait ?? 5)}.` };
  }
  if (error.status === 403) {
    return { title: "You may not do this", text: error.message };
  }
  if (error.status >= 500) {
    return {
      title: "The server failed",
      text: "The failure was logged. Try again in a while, or report it.",
    };
  }
  return { title: "That did not work", text: error.message };
}

type Query<T> = Pick<
  UseQueryResult<T>,
  "data" | "error" | "failureCount" | "failureReason" | "fetchStatus"
> & {
  refetch: () => unknown;
  /** Of lists: the trouble is then told at their end. */
  isFetchingNextPage?: boolean;
};

interface LoadedProps<T> {
  query: Query<T>;
  /** In place of the data while they are under way. */
  pending?: ReactNode;
  children: (data: T) => ReactNode;
}

/**
 * What was read, or where the reading stands: under way, waiting for a server that is away, failed. What was read before is shown on while
 * it cannot be read again, with words that say so.
 */
export function Loaded<T>({ query, pending, children }: LoadedProps<T>) {
  if (query.data !== undefined) {
    const isStuck = query.failureReason !== null && query.isFetchingNextPage !== true;
    return (
      <>
        {isStuck && (
          <Waiting key={query.failureCount} error={query.failureReason} failures={query.failureCount} />
        )}
        {children(query.data)}
      </>
    );
  }
  if (query.error !== null) return <ErrorNotice error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <>
      {query.failureReason !== null && query.failureCount > 0 && (
        <Waiting key={query.failureCount} error={query.failureReason} failures={query.failureCount} />
      )}
      {query.fetchStatus === "paused" && (
        <Notice tone="warning" title="You are offline">
          <p>This is loaded as soon as there is a connection.</p>
        </Notice>
      )}
      <div aria-busy role="status">
        <span className="visually-hidden">Loading…</span>
        {pending ?? (
          <div className={styles.padded}>
            <Skeleton width="60%" />
            <Skeleton />
            <Skeleton width="80%" />
          </div>
        )}
      </div>
    </>
  );
}

/** Tells that a server is away, and counts down to the next attempt. */
export function Waiting({ error, failures }: { error: unknown; failures: number }) {
  const left = useCountdown(Math.ceil(retryDelay(failures - 1, error) / 1000));
  const { title, text } = inWords(error);
  return (
    <Notice tone="warning" title={title}>
      <p>{error instanceof UnreachableError ? text : "The server cannot answer right now."}</p>
      <p aria-live="off">{left > 0 ? `Trying again in ${duration(left)}…` : "Trying again…"}</p>
    </Notice>
  );
}

/** Counts seconds down to zero, by the clock: a timer alone falls behind in a tab that is not shown. */
export function useCountdown(seconds: number): number {
  const [end] = useState(() => Date.now() + seconds * 1000);
  const now = useNow(1000);
  return Math.max(0, Math.ceil((end - now) / 1000));
}

/** `5 seconds`, `2 minutes`. */
export function duration(seconds: number): string {
  const [count, unit] =
    seconds < 90 ? [Math.max(1, Math.ceil(seconds)), "second"] : [Math.ceil(seconds / 60), "minute"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function hostOf(server: string): string {
  return URL.canParse(server) ? new URL(server).host : server;
}
