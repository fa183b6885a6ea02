/** What can go wrong between us and a server, as the pages tell it. */

/** A server answered with an error: RFC 9457 problem details, or the OAuth error of RFC 6749 §5.2. */
export class ApiError extends Error {
  override readonly name = "ApiError";

  constructor(
    readonly status: number,
    /** Stable and made for programs: `invalid_input`, `username_taken`, … */
    readonly code: string,
    message: string,
    readonly details: {
      /** By member of the request: what would be right. */
      fields?: Readonly<Record<string, string>>;
      requestId?: string | undefined;
      retryAfterSeconds?: number | undefined;
    } = {},
  ) {
    super(message);
  }

  /** Reads an answer that is no success. Whatever its body is, this does not fail. */
  static async from(response: Response): Promise<ApiError> {
    return ApiError.of(response, await response.json().catch(() => undefined));
  }

  /** The same when the body has been read already. */
  static of(response: Response, body: unknown): ApiError {
    const problem = isRecord(body) ? body : {};
    // What kind of problem it is, and what there is to say of this one; they may be the same words.
    const words = ["title", "detail", "error_description"].map((name) => text(problem[name]));
    const message = [...new Set(words)].filter((word) => word !== undefined).join(" ");
    return new ApiError(
      response.status,
      text(problem["code"]) ?? text(problem["error"]) ?? "unknown",
      message || `The server answered with status ${response.status}.`,
      {
        fields: fieldsOf(problem["errors"]),
        requestId: text(problem["request_id"]) ?? response.headers.get("X-Request-Id") ?? undefined,
        retryAfterSeconds: secondsOf(response.headers.get("Retry-After")),
      },
    );
  }
}

/** No answer came: the server is down, or we are offline. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";

  constructor(readonly server: string) {
    super(`${server} cannot be reached.`);
  }
}

/** Whether the same request may well succeed in a while. */
export function isTemporary(error: unknown): boolean {
  return (
    error instanceof UnreachableError ||
    (error instanceof ApiError && [429, 502, 503, 504].includes(error.status))
  );
}

/**
 * Milliseconds to wait before trying again: what the server asks for, within a second and a minute, or twice as long each time, half a
 * minute at the most.
 */
export function retryDelay(failures: number, error: unknown): number {
  const asked = error instanceof ApiError ? error.details.retryAfterSeconds : undefined;
  return asked === undefined
    ? Math.min(1000 * 2 ** failures, 30_000)
    : Math.min(Math.max(asked, 1), 60) * 1000;
}

function fieldsOf(errors: unknown): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const fault of Array.isArray(errors) ? (errors as unknown[]) : []) {
    if (!isRecord(fault)) continue;
    const [field, message] = [text(fault["field"]), text(fault["message"])];
    if (field !== undefined && message !== undefined) fields[field] ??= message;
  }
  return fields;
}

function secondsOf(header: string | null): number | undefined {
  const seconds = header === null ? Number.NaN : Number.parseInt(header, 10);
  return Number.isNaN(seconds) ? undefined : seconds;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
