import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  keepPreviousData,
  useInfiniteQuery,
} from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";

import { Button } from "./button";
import styles from "./paged.module.css";
import { ErrorNotice, Loaded, Waiting } from "./trouble";

/** One page of a list, as both servers give it. */
export interface ListPage<T> {
  items: T[];
  next_cursor?: string | null;
}

/** Where a page begins, as both servers take it in a query: at the newest item without a cursor. */
export interface PageStart {
  cursor?: string;
}

interface PagedOptions {
  refetchInterval?: number;
  /** Milliseconds for which what was read is not read again; for ever with `Infinity`. */
  staleTime?: number;
  enabled?: boolean;
  /** Shows what was found for the last key until there is something for this one. */
  keepsPrevious?: boolean;
}

/** A list that is read page by page. */
export function usePaged<T>(
  key: readonly unknown[],
  read: (start: PageStart, signal: AbortSignal) => Promise<ListPage<T>>,
  { keepsPrevious = false, ...options }: PagedOptions = {},
) {
  return useInfiniteQuery({
    ...options,
    ...(keepsPrevious && { placeholderData: keepPreviousData }),
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam, signal),
    initialPageParam: FIRST_PAGE,
    getNextPageParam: ({ next_cursor }) => (next_cursor == null ? undefined : { cursor: next_cursor }),
  });
}

const FIRST_PAGE: PageStart = {};

interface PagedProps<T> {
  query: UseInfiniteQueryResult<InfiniteData<ListPage<T>>>;
  /** The items, all that have been read so far. */
  children: (items: T[]) => ReactNode;
  /** In their place when there are none. */
  empty: ReactNode;
  pending?: ReactNode;
}

/** A list that reads on by itself as its end comes into sight, or at the press of a button. */
export function Paged<T>({ query, children, empty, pending }: PagedProps<T>) {
  return (
    <Loaded query={query} pending={pending}>
      {(data) => {
        const items = data.pages.flatMap((page) => page.items);
        return (
          <>
            {items.length === 0 && !query.hasNextPage ? empty : children(items)}
            <More query={query} />
          </>
        );
      }}
    </Loaded>
  );
}

function More<T>({ query }: { query: UseInfiniteQueryResult<InfiniteData<ListPage<T>>> }) {
  const {
    hasNextPage,
    isFetchingNextPage,
    isFetchNextPageError,
    fetchNextPage,
    failureCount,
    failureReason,
  } = query;
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (end.current === null || !hasNextPage || isFetchingNextPage || isFetchNextPageError) return;
    const observer = new IntersectionObserver(
      ([entry]) => entry?.isIntersecting === true && void fetchNextPage(),
      { rootMargin: "400px" },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  if (!hasNextPage) return null;
  return (
    <div ref={end} className={styles.more}>
      {isFetchNextPageError && <ErrorNotice error={query.error} onRetry={() => void fetchNextPage()} />}
      {isFetchingNextPage && failureReason !== null && (
        <Waiting key={failureCount} error={failureReason} failures={failureCount} />
      )}
      {!isFetchNextPageError && (
        <Button small variant="quiet" busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? "Loading…" : "Show more"}
        </Button>
      )}
    </div>
  );
}
