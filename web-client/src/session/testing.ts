/** For tests: several tabs of one browser, and an auth-server small enough to be read. */

import { Session } from "./session";
import type { News, Tabs } from "./tabs";

const ACCESS_TTL = 300;

/** What the tests need of auth-server: one cookie jar, sessions that can be ended, answers that can be held back. */
export class FakeAuthServer {
  /** Every request, as `POST /auth/refresh`. */
  readonly requests: string[] = [];
  /** The session that the browser's cookie is of. */
  cookie: string | undefined;
  readonly #failures = new Map<string, Failure[]>();
  readonly #held = new Map<string, Promise<void>>();
  #sessions = new Map<string, string>();
  #refused = new Set<string>();
  #count = 0;

  constructor(readonly browser: Browser) {}

  /** What the next requests to this path get instead of an answer. */
  fail(path: string, ...failures: Failure[]): void {
    this.#failures.set(path, [...(this.#failures.get(path) ?? []), ...failures]);
  }

  /** Keeps the answers to this path back, as they were at the time of the request. */
  hold(path: string): { release: () => void } {
    let release: () => void = () => undefined;
    this.#held.set(path, new Promise((resolve) => (release = resolve)));
    return {
      release: () => {
        this.#held.delete(path);
        release();
      },
    };
  }

  /** Somebody logs in elsewhere, with this browser's cookie jar. */
  startSession(username: string): void {
    this.#count += 1;
    this.cookie = `session-${this.#count}`;
    this.#sessions.set(this.cookie, username);
  }

  /** Ends what the cookie is of, as another device or an administrator does. */
  endSession(): void {
    if (this.cookie !== undefined) this.#sessions.delete(this.cookie);
    this.refuseTokens();
  }

  /** Every access token so far is refused from now on, as after a change of roles. */
  refuseTokens(): void {
    this.#refused = new Set([...Array(this.#count + 1).keys()].map((n) => `token-${n}`));
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    this.requests.push(`${request.method} ${pathname}`);
    const failure = this.#failures.get(pathname)?.shift();
    if (failure === "no answer") throw new TypeError("Failed to fetch");
    if (failure === "never") return aborted(request.signal);
    if (failure !== undefined) return failure;
    if (pathname === "/auth/login") return this.#logIn((await request.json()) as Record<string, string>);
    if (pathname === "/auth/refresh") {
      const answer = this.#refresh();
      await this.#held.get(pathname);
      return answer;
    }
    if (pathname === "/auth/logout") return this.#logOut();
    return this.#serve(request);
  };

  #logIn({ username, password }: Record<string, string>): Response {
    if (username === undefined || password !== "right") return problem(401, "invalid_credentials");
    this.startSession(username);
    return this.#tokenResponse();
  }

  #refresh(): Response {
    const isLive = this.cookie !== undefined && this.#sessions.has(this.cookie);
    return isLive ? this.#tokenResponse() : problem(401, "invalid_refresh_token");
  }

  #logOut(): Response {
    this.endSession();
    this.cookie = undefined;
    return new Response(null, { status: 204 });
  }

  async #serve(request: Request): Promise<Response> {
    const token = request.headers.get("Authorization")?.replace("Bearer ", "") ?? "";
    const claims = JSON.parse(
      Buffer.from(token.split(".")[1] ?? "", "base64url").toString() || "{}",
    ) as Claims;
    if (claims.jti === undefined || this.#refused.has(claims.jti)) return problem(401, "invalid_token");
    return Response.json({ username: claims.username, body: await request.text() });
  }

  #tokenResponse(): Response {
    this.#count += 1;
    const cookie = this.cookie ?? "";
    const username = this.#sessions.get(cookie) ?? "";
    const claims = {
      sub: `id-of-${username}`,
      username,
      sid: cookie,
      roles: ["user"],
      scope: "a b",
      jti: `token-${this.#count}`,
    };
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const access_token = `${part({ alg: "RS256" })}.${part(claims)}.signature`;
    return Response.json({ access_token, expires_in: ACCESS_TTL });
  }
}

/** An answer, none because nobody is there, or none for as long as one may wait. */
type Failure = Response | "no answer" | "never";

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = () => reject(signal.reason as Error);
    if (signal.aborted) give();
    else signal.addEventListener("abort", give);
  });
}

interface Claims {
  jti?: string;
  username?: string;
}

/** A problem as our servers send it. */
export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ status, code, title: code, detail: code }, { status, headers });
}

/** A browser whose tabs take turns and hear each other, and whose time the test sets. */
export class Browser {
  now = 1_800_000_000_000;
  /** Whether it has the Web Locks API. */
  takesTurns = true;
  /** How long was waited, each time. */
  readonly naps: number[] = [];
  readonly server = new FakeAuthServer(this);
  readonly #listeners: ((news: News) => void)[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  /** News that were under way for long reach every tab. */
  deliver(news: News): void {
    this.#listeners.forEach((listener) => listener(news));
  }

  /** A tab that has just been opened. */
  openTab(): Session {
    return new Session({
      authServer: "http://auth.test",
      fetch: this.server.fetch,
      tabs: this.#tabs(),
      now: () => this.now,
      sleep: (milliseconds) => {
        this.naps.push(milliseconds);
        return Promise.resolve();
      },
    });
  }

  /** A tab in which this user is logged in already. */
  async openTabOf(username: string): Promise<Session> {
    this.server.startSession(username);
    const tab = this.openTab();
    await tab.start();
    this.server.requests.length = 0;
    return tab;
  }

  /** Time passes; access tokens live for five minutes. */
  wait(seconds: number): void {
    this.now += seconds * 1000;
  }

  #tabs(): Tabs {
    let own: ((news: News) => void) | undefined;
    return {
      inTurn: (work) => {
        if (!this.takesTurns) return work();
        const turn = this.#turn.then(work, work);
        this.#turn = turn.catch(() => undefined);
        return turn;
      },
      // News reach the others a little later, as they do in browsers.
      tell: (news) =>
        this.#listeners
          .filter((listener) => listener !== own)
          .forEach((listener) => queueMicrotask(() => listener(structuredClone(news)))),
      listen: (listener) => {
        own = listener;
        this.#listeners.push(listener);
      },
    };
  }
}

/** Lets everything happen that is under way. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
