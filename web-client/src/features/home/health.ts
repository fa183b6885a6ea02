import { useQuery } from "@tanstack/react-query";

/** How a server is. */
export type Health =
  | { kind: "up"; milliseconds: number }
  /** It answers, but a part of it does not work. */
  | { kind: "not-ready"; why: string }
  | { kind: "unreachable" };

/** A server that is not ready says in `detail` which part of it fails. */
type Ask = (signal: AbortSignal) => Promise<{ error?: { detail?: string }; response: Response }>;

const EVERY = 10_000;
/** Whoever has not answered by then counts as away. */
const TIMEOUT = 5_000;

/** Asks a server again and again how it is; `undefined` before the first answer. */
export function useHealth(key: readonly string[], ask: Ask): Health | undefined {
  const { data } = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => healthOf(ask, signal),
    refetchInterval: EVERY,
    // Offline, servers on this machine may answer all the same, and others are truly out of reach.
    networkMode: "always",
  });
  return data;
}

async function healthOf(ask: Ask, signal: AbortSignal): Promise<Health> {
  const begin = performance.now();
  try {
    const { error, response } = await ask(AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]));
    const milliseconds = Math.round(performance.now() - begin);
    return response.ok ? { kind: "up", milliseconds } : { kind: "not-ready", why: error?.detail ?? "" };
  } catch (error) {
    if (signal.aborted) throw error;
    return { kind: "unreachable" };
  }
}
