import { UnreachableError } from "./errors";

/** Longer than our servers take for any answer; past it, one hangs. */
const TIMEOUT = 30_000;

/** Makes a request. That no answer comes, or none in time, is an {@link UnreachableError}; that the page gave it up is not. */
export async function reach(
  request: Request,
  send: (request: Request) => Promise<Response> = (bounded) => fetch(bounded),
): Promise<Response> {
  const signal = AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT)]);
  try {
    return await send(new Request(request, { signal }));
  } catch (error) {
    if (isGivenUp(request.signal)) throw error;
    throw new UnreachableError(new URL(request.url).origin);
  }
}

/** Whether the page has given it up, and not a clock. */
function isGivenUp({ aborted, reason }: AbortSignal): boolean {
  return aborted && !(reason instanceof DOMException && reason.name === "TimeoutError");
}
