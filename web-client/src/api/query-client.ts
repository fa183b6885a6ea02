import { QueryClient } from "@tanstack/react-query";

import { isTemporary, retryDelay } from "./errors";

/**
 * What is read is read again until it is there: while we are offline it waits, and when a server is away it tries again with more and
 * more patience. What is written is tried once; whether to repeat it is for the user, except where a repetition cannot do it twice
 * (see `whileTemporary`).
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: (_failures, error) => isTemporary(error),
        retryDelay,
        staleTime: 5_000,
      },
      mutations: { retry: false, retryDelay },
    },
  });
}

/** For `retry` of a mutation that may be repeated safely (RFC 9110 §9.2.2): a few times when a server is away. */
export function whileTemporary(failures: number, error: unknown): boolean {
  return failures < 3 && isTemporary(error);
}
