import { ApiError, retryDelay } from "../api/errors";
import { reach } from "../api/reach";
import { type AccessToken, type User, readAccessToken } from "./access-token";
import type { News, Tabs } from "./tabs";

/** Where the session stands. */
export type SessionState =
  /** Whether somebody is logged in is being asked. */
  | { kind: "starting" }
  /** It was asked, and auth-server does not answer; it is asked again by itself. */
  | { kind: "unreachable"; error: Error }
  | { kind: "anonymous" }
  | { kind: "logged-in"; user: User }
  /** auth-server has ended the session of this user, who may log in again in place. */
  | { kind: "ended"; user: User };

/** What the session needs of the world. */
export interface Surroundings {
  authServer: string;
  fetch: (request: Request) => Promise<Response>;
  tabs: Tabs;
  /** Milliseconds since the epoch. */
  now: () => number;
  sleep: (milliseconds: number) => Promise<void>;
}

/** The session is over, so the request was not made, or was refused. */
export class SessionEndedError extends Error {
  override readonly name = "SessionEndedError";

  constructor() {
    super("Your session has ended. Log in again.");
  }
}

/** A request that takes longer is given up, so that no tab keeps the others waiting. */
const REFRESH_TIMEOUT = 15_000;

/** Whether the user logs in again after his session has ended. */
interface Relogin {
  /** Fulfilled when somebody has logged in, or has decided not to. */
  decided: Promise<void>;
  decide: () => void;
}

/**
 * One user's session in one tab.
 *
 * The access token is in this object and nowhere else; the refresh token is in an HttpOnly cookie that no script can read. A request
 * that is refused with 401 gets a fresh token once and is made once more. When auth-server says that the session is over, requests
 * wait until the same user has logged in again, or has decided not to.
 */
export class Session {
  #state: SessionState = { kind: "starting" };
  #token: AccessToken | undefined;
  #renewing: Promise<AccessToken> | undefined;
  #relogin: Relogin | undefined;
  /** Sessions that are over. News of their tokens may be under way still. */
  readonly #over = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(private readonly surroundings: Surroundings) {
    surroundings.tabs.listen((news) => this.#hear(news));
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The token in use, for showing it. */
  get token(): AccessToken | undefined {
    return this.#token;
  }

  /** Calls back after every change; returns how to stop that. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Finds out who is logged in by the cookie, however long auth-server may be away. */
  async start(): Promise<void> {
    for (let failures = 0; !this.#isSettled(); failures += 1) {
      try {
        await this.#renew(undefined);
      } catch (error) {
        if (error instanceof SessionEndedError || this.#isSettled()) return;
        this.#become({ kind: "unreachable", error: error as Error });
        await this.surroundings.sleep(retryDelay(failures, error));
      }
    }
  }

  /** Asks again whose session it is; for a page that comes out of the browser's back-forward cache. */
  async check(): Promise<void> {
    if (this.#state.kind !== "logged-in") return;
    await this.#renew(this.#token).catch(() => undefined);
  }

  /** Logs in by password. What was interrupted goes on if it is the same user's. */
  async logIn(username: string, password: string): Promise<void> {
    await this.surroundings.tabs.inTurn(async () => {
      const response = await this.#post("/auth/login", { username, password, mode: "cookie" });
      if (!response.ok) throw await ApiError.from(response);
      this.#take(await this.#tokenOf(response));
    });
  }

  /**
   * Ends the session at auth-server, and with it in every tab. When auth-server cannot be reached this fails, and the user is still
   * logged in: to say otherwise would leave a session open that he takes for closed.
   */
  async logOut(): Promise<void> {
    await this.surroundings.tabs.inTurn(async () => {
      const response = await this.#post("/auth/logout", undefined, this.#token);
      if (!response.ok && response.status !== 401) throw await ApiError.from(response);
      readToItsEnd(response);
    });
    const user = this.#user();
    if (user !== undefined) this.surroundings.tabs.tell({ kind: "logged-out", sessionId: user.sessionId });
    this.#forget();
  }

  /**
   * Forgets a session in every tab that auth-server has ended already, at the user's own wish. The cookie, which is worth nothing any
   * more, is cleared if that can be done.
   */
  async forgetEnded(): Promise<void> {
    const user = this.#user();
    await this.logOut().catch(() => undefined);
    if (user === undefined || this.#user()?.sessionId !== user.sessionId) return;
    this.surroundings.tabs.tell({ kind: "logged-out", sessionId: user.sessionId });
    this.#forget();
  }

  /** Gives up a session that has ended: what was interrupted fails. */
  giveUp(): void {
    if (this.#state.kind === "ended") this.#forget();
  }

  /**
   * Makes requests as this user: with his access token, which is renewed first if need be. What he has begun is never made in another's
   * name, however late it is tried again.
   */
  fetchAs(userId: string | undefined): (request: Request) => Promise<Response> {
    return async (request) => {
      const first = await this.#tokenFor(userId, undefined);
      const response = await this.#send(request.clone(), first);
      if (response.status !== 401) return response;
      readToItsEnd(response);
      return this.#send(request, await this.#tokenFor(userId, first));
    };
  }

  /** A token other than the refused one; waits for a login in place when the session is over. */
  async #tokenFor(userId: string | undefined, refused: AccessToken | undefined): Promise<AccessToken> {
    for (;;) {
      try {
        const token = await this.#renew(refused);
        if (token.user.id !== userId) throw new SessionEndedError();
        return token;
      } catch (error) {
        if (!(error instanceof SessionEndedError) || this.#relogin === undefined) throw error;
        await this.#relogin.decided;
      }
    }
  }

  async #renew(refused: AccessToken | undefined): Promise<AccessToken> {
    const usable = this.#tokenUnless(refused);
    if (usable !== undefined) return usable;
    if (this.#isNobodys()) throw new SessionEndedError();
    this.#renewing ??= this.surroundings.tabs
      .inTurn(() => this.#refresh(refused))
      .finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #refresh(refused: AccessToken | undefined): Promise<AccessToken> {
    // While this tab waited for its turn, another one may have refreshed, or logged out.
    const usable = this.#tokenUnless(refused);
    if (usable !== undefined) return usable;
    if (this.#isNobodys()) throw new SessionEndedError();
    const response = await this.#post("/auth/refresh");
    if (response.status === 401) {
      readToItsEnd(response);
      // Another tab's login, heard of meanwhile, is no session that this answer speaks of.
      const heard = this.#tokenUnless(refused);
      if (heard !== undefined) return heard;
      this.#end();
      throw new SessionEndedError();
    }
    if (!response.ok) throw await ApiError.from(response);
    const token = await this.#tokenOf(response);
    this.#take(token);
    return token;
  }

  #tokenUnless(refused: AccessToken | undefined): AccessToken | undefined {
    const token = this.#token;
    const isUsable = token?.value !== refused?.value && (token?.staleAt ?? 0) > this.surroundings.now();
    return isUsable ? token : undefined;
  }

  async #send(request: Request, token: AccessToken): Promise<Response> {
    const authorized = new Request(request);
    authorized.headers.set("Authorization", `Bearer ${token.value}`);
    return reach(authorized, this.surroundings.fetch);
  }

  async #post(path: string, body?: object, token?: AccessToken): Promise<Response> {
    const headers = new Headers();
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (token !== undefined) headers.set("Authorization", `Bearer ${token.value}`);
    const request = new Request(this.surroundings.authServer + path, {
      method: "POST",
      // We ask for the cookie to go along at these endpoints alone.
      credentials: "include",
      headers,
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(REFRESH_TIMEOUT),
    });
    return reach(request, this.surroundings.fetch);
  }

  async #tokenOf(response: Response): Promise<AccessToken> {
    const body = (await response.json()) as { access_token: string; expires_in: number };
    return readAccessToken(body.access_token, body.expires_in, this.surroundings.now());
  }

  #take(token: AccessToken): void {
    this.#accept(token);
    this.surroundings.tabs.tell({ kind: "token", token });
  }

  #accept(token: AccessToken): void {
    this.#token = token;
    this.#become({ kind: "logged-in", user: token.user });
    this.#settleRelogin();
  }

  /** auth-server has ended the session. */
  #end(): void {
    const user = this.#user();
    this.#token = undefined;
    if (user === undefined) {
      this.#become({ kind: "anonymous" });
      return;
    }
    this.surroundings.tabs.tell({ kind: "ended", sessionId: user.sessionId });
    this.#awaitRelogin(user);
  }

  #awaitRelogin(user: User): void {
    this.#over.add(user.sessionId);
    this.#token = undefined;
    this.#relogin ??= undecided();
    this.#become({ kind: "ended", user });
  }

  #forget(): void {
    const user = this.#user();
    if (user !== undefined) this.#over.add(user.sessionId);
    this.#token = undefined;
    this.#become({ kind: "anonymous" });
    this.#settleRelogin();
  }

  /** Whoever waits looks for himself whose session it is now. */
  #settleRelogin(): void {
    const relogin = this.#relogin;
    this.#relogin = undefined;
    relogin?.decide();
  }

  #hear(news: News): void {
    const current = this.#user();
    switch (news.kind) {
      case "token": {
        const { token } = news;
        const isOlder =
          token.user.sessionId === current?.sessionId && token.staleAt < (this.#token?.staleAt ?? 0);
        if (!isOlder && !this.#over.has(token.user.sessionId)) this.#accept(token);
        break;
      }
      case "logged-out":
        if (current?.sessionId === news.sessionId) this.#forget();
        break;
      case "ended":
        if (this.#state.kind === "logged-in" && current?.sessionId === news.sessionId)
          this.#awaitRelogin(current);
    }
  }

  #user(): User | undefined {
    return this.#state.kind === "logged-in" || this.#state.kind === "ended" ? this.#state.user : undefined;
  }

  /** There is no session that a refresh could go on with. */
  #isNobodys(): boolean {
    return this.#state.kind === "anonymous" || this.#state.kind === "ended";
  }

  #isSettled(): boolean {
    return this.#state.kind !== "starting" && this.#state.kind !== "unreachable";
  }

  #become(state: SessionState): void {
    this.#state = state;
    this.#listeners.forEach((listener) => listener());
  }
}

/** A browser holds the connection of an answer that nobody reads. */
function readToItsEnd(response: Response): void {
  response.arrayBuffer().catch(() => undefined);
}

function undecided(): Relogin {
  let decide: () => void = () => undefined;
  const decided = new Promise<void>((resolve) => (decide = resolve));
  return { decided, decide };
}
