/**
 * Users with browsers of their own, on the three real origins. Whatever a test does, its pages must break no rule of the
 * Content-Security-Policy, throw nothing, and let no token out of memory.
 */

import { join } from "node:path";

import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import { test as base, expect } from "vitest";

export { expect } from "vitest";

/** Origins, as `cargo xtask test web-client/e2e` has started them. */
export const web = setting("E2E_WEB");
export const auth = setting("E2E_AUTH");
export const api = setting("E2E_API");

/** A grace of so many milliseconds is set for the refresh chain, and lists of revoked tokens live for one second. */
export const REFRESH_GRACE = 2_000;

const CHROMIUM_FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Account {
  username: string;
  password: string;
}

/** The administrator that the servers were started with. */
export const admin: Account = accountOf(setting("E2E_ADMIN"));

let browser: Promise<Browser> | undefined;

/** Opens a browser for somebody, with a cookie jar of his own. */
type Visit = (options?: BrowserContextOptions) => Promise<Visitor>;

/** A test whose visitors are looked after: when it ends, each must have behaved. */
export const test = base.extend<{ visit: Visit }>({
  visit: async ({ task }, use) => {
    browser ??= chromium.launch({ executablePath: setting("CHROMIUM"), args: CHROMIUM_FLAGS });
    const visitors: Visitor[] = [];
    await use(async (options = {}) => {
      const context = await ((await browser) as Browser).newContext({
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      const visitor = await Visitor.arrive(context);
      visitors.push(visitor);
      return visitor;
    });
    if (task.result?.state === "fail")
      await Promise.all(visitors.map((visitor) => visitor.leaveEvidence(task.name)));
    for (const visitor of visitors) await visitor.leave();
  },
});

/** Somebody at a browser. */
export class Visitor {
  readonly #faults: string[] = [];
  #token: string | undefined;

  private constructor(
    readonly context: BrowserContext,
    /** His first tab. */
    readonly page: Page,
  ) {}

  static async arrive(context: BrowserContext): Promise<Visitor> {
    const visitor = new Visitor(context, await context.newPage());
    context.on("page", (page) => visitor.#watch(page));
    visitor.#watch(visitor.page);
    return visitor;
  }

  /** Another tab. */
  openTab(): Promise<Page> {
    return this.context.newPage();
  }

  /** Logs in on the page for it. */
  async logIn({ username, password }: Account, next = "/timeline"): Promise<void> {
    await this.page.goto(`${web}/login?next=${next}`);
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel("Password", { exact: true }).fill(password);
    await this.page.getByRole("main").getByRole("button", { name: "Log in" }).click();
    await this.page.waitForURL(web + next);
  }

  /** The refresh cookie, as the browser keeps it. */
  async refreshCookie() {
    const cookies = await this.context.cookies(auth);
    return cookies.find((cookie) => cookie.name === "__Host-refresh");
  }

  /** The newest access token of his session, as only his pages' memory has it. */
  get accessToken(): string {
    if (this.#token === undefined) throw new Error("no page has got an access token yet");
    return this.#token;
  }

  /** Pictures of his tabs, for whoever looks for the cause of a failure. */
  async leaveEvidence(test: string): Promise<void> {
    const name = test.replaceAll(/\W+/g, "-").slice(0, 60);
    const pages = this.context.pages().filter((page) => page.url().startsWith(web));
    await Promise.all(
      pages.map((page, at) =>
        page.screenshot({ path: join(setting("E2E_EVIDENCE"), `${name}-${at}.png`) }).catch(() => undefined),
      ),
    );
  }

  /** Ends the visit; fails the test when a page has broken a rule. */
  async leave(): Promise<void> {
    for (const page of this.context.pages()) {
      if (!page.url().startsWith(web)) continue;
      const kept = await page.evaluate(() => JSON.stringify([localStorage, sessionStorage, document.cookie]));
      const shown = await page.content();
      if (/eyJ[\w-]+\.eyJ/.test(kept + shown)) this.#faults.push(`a token is kept or shown at ${page.url()}`);
    }
    await this.context.close();
    expect(this.#faults).toEqual([]);
  }

  #watch(page: Page): void {
    page.on("pageerror", (error) => this.#faults.push(`thrown: ${error.message}`));
    page.on("console", (message) => {
      const text = message.text();
      if (/Content.Security.Policy|Refused to/i.test(text)) this.#faults.push(`forbidden: ${text}`);
      if (/eyJ[\w-]+\.eyJ/.test(text)) this.#faults.push("a token is in the console");
    });
    page.on("request", (request) => {
      const url = request.url();
      if (url.includes("eyJ")) this.#faults.push(`a token is in a URL: ${url}`);
      const isOurs = [web, auth, api].some((origin) => url.startsWith(`${origin}/`));
      if (!isOurs && page.url().startsWith(web)) this.#faults.push(`a request to a stranger: ${url}`);
    });
    page.on("response", (response) => {
      const grants = response.ok() && /\/auth\/(login|refresh)$/.test(response.url());
      if (!grants || response.request().method() !== "POST") return;
      response.json().then(
        (body: { access_token: string }) => (this.#token = body.access_token),
        () => undefined,
      );
    });
  }
}

let accounts = 0;

/** A new user, signed up over HTTP. */
export async function newAccount(name = "user"): Promise<Account> {
  accounts += 1;
  const account = {
    username: `${name}-${Date.now().toString(36)}-${accounts}`,
    password: "correct horse battery",
  };
  const response = await post(`${auth}/auth/signup`, account);
  expect(response.status).toBe(201);
  return account;
}

/** An access token for whoever has no browser. */
export async function accessTokenOf(account: Account): Promise<string> {
  const response = await post(`${auth}/auth/login`, account);
  return ((await response.json()) as { access_token: string }).access_token;
}

export function post(url: string, body: object, token?: string): Promise<Response> {
  return call("POST", url, body, token);
}

export function call(method: string, url: string, body?: object, token?: string): Promise<Response> {
  const headers = new Headers();
  if (body !== undefined) headers.set("Content-Type", "application/json");
  if (token !== undefined) headers.set("Authorization", `Bearer ${token}`);
  return fetch(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
}

/** Waits until it is on the page. */
export async function sees(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: "visible", timeout: 30_000 });
}

/** Waits until it is not on the page any more. */
export async function seesNo(locator: Locator): Promise<void> {
  await locator.first().waitFor({ state: "hidden", timeout: 30_000 });
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run \`cargo xtask test web-client/e2e\``);
  return value;
}

function accountOf(pair: string): Account {
  const [username = "", password = ""] = pair.split(":");
  return { username, password };
}
