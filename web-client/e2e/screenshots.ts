/**
 * The pictures in docs/screenshots: every page, with people in it. Run by `cargo xtask screenshots`; look at them before they are committed.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import type { BrowserContextOptions, Page } from "playwright-core";

import {
  accessTokenOf,
  type Account,
  admin,
  api,
  auth,
  call,
  post,
  sees,
  test,
  type Visitor,
  web,
} from "./support";

const folder = process.env["SCREENSHOTS"] ?? "";
const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 860 }, colorScheme: "light" };
const DARK: BrowserContextOptions = { ...DESK, colorScheme: "dark" };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  isMobile: true,
  hasTouch: true,
};

const PASSWORD = "correct horse battery";
const mira: Account = { username: "mira.stone", password: PASSWORD };

const POSTS: readonly (readonly [author: string, content: string])[] = [
  ["jonas_w", "Deploying on a Friday, because the rollback is one command."],
  ["ada-k", "If your refresh tokens cannot survive two browser tabs, they are not finished."],
  ["theo.park", "Reading RFC 9700 on a train is a personality trait at this point."],
  ["lena_b", "Coffee first, then the key rotation runbook."],
  [
    "sam.ortiz",
    "Is anybody else running the status list behind a CDN?\nWorks nicely: max-age is what remains of the ttl.",
  ],
  ["ada-k", "Today's win: deleted 1,400 lines of session code."],
  ["jonas_w", "The best password rule is a strength meter that explains itself."],
  [
    "theo.park",
    "Logout now reaches every service within six seconds. Measured it twice, because I did not believe it.",
  ],
  [
    "mira.stone",
    "Moved the last service over to stateless verification. The latency graph looks like a staircase going down.",
  ],
];

test("every page", async ({ visit }) => {
  mkdirSync(folder, { recursive: true });
  await populate();

  const stranger = await visit(DESK);
  await shot(stranger.page, "home", "/", "Up");
  await stranger.page.goto(`${web}/signup`);
  await stranger.page.getByLabel("Username").fill("noor.haddad");
  await stranger.page.getByLabel("Password", { exact: true }).fill("tulips on monday");
  await sees(stranger.page.getByRole("meter"));
  await stranger.page.waitForTimeout(1500);
  await shot(stranger.page, "signup");
  await shot(stranger.page, "login", "/login", "Log in");

  const user = await visit(DESK);
  await user.logIn(mira);
  await shot(user.page, "timeline-light", "/timeline", "staircase");
  await shot(user.page, "profile", "/u/ada-k", "1,400 lines");
  await shot(user.page, "protected", "/protected", "Good");
  await shot(user.page, "account", "/account", "This device");

  const dark = await visit(DARK);
  await dark.logIn(mira);
  await shot(dark.page, "timeline-dark", "/timeline", "staircase");
  await call("DELETE", `${auth}/auth/sessions/${sessionOf(dark)}`, undefined, user.accessToken);
  await dark.page.getByRole("textbox", { name: "New post" }).fill("This waits for me to log in again.");
  await dark.page.waitForTimeout(2500);
  await dark.page.getByRole("button", { name: "Post", exact: true }).click();
  await sees(dark.page.getByRole("dialog"));
  await shot(dark.page, "log-in-again");

  const boss = await visit(DESK);
  await boss.logIn(admin, "/admin");
  await shot(boss.page, "admin-users", "/admin", "mira.stone");
  await boss.page.getByRole("main").getByRole("link", { name: "mira.stone" }).click();
  await sees(boss.page.getByRole("heading", { level: 1, name: "mira.stone" }));
  await shot(boss.page, "admin-user");
  await shot(boss.page, "admin-clients", "/admin/clients", "timeline-digest");
  await shot(boss.page, "admin-keys", "/admin/keys", "Signing keys");
  await shot(boss.page, "admin-audit", "/admin/audit", "test_admin");

  const phone = await visit({ ...PHONE, colorScheme: "light" });
  await phone.logIn(mira);
  await shot(phone.page, "phone-timeline", "/timeline", "staircase");
  const night = await visit({ ...PHONE, colorScheme: "dark" });
  await night.logIn(mira);
  await shot(night.page, "phone-protected", "/protected", "Good");
});

/** People, who follow each other, what they wrote, and services. */
async function populate(): Promise<void> {
  const authors = [...new Set(POSTS.map(([author]) => author))];
  for (const username of authors) await post(`${auth}/auth/signup`, { username, password: PASSWORD });
  const tokens = new Map<string, string>();
  for (const username of authors) tokens.set(username, await accessTokenOf({ username, password: PASSWORD }));
  // Whoever is to be followed must have been seen.
  for (const token of tokens.values()) await call("GET", `${api}/api/timeline`, undefined, token);
  for (const [one, token] of tokens) {
    for (const other of authors) {
      if (one !== other) await call("PUT", `${api}/api/users/${other}/follow`, undefined, token);
    }
  }
  for (const [author, content] of POSTS) await post(`${api}/api/posts`, { content }, tokens.get(author));
  const boss = await accessTokenOf(admin);
  for (const [name, ...scopes] of [
    ["timeline-digest", "posts:read", "users:read"],
    ["edge-gateway", "introspect"],
  ]) {
    await post(`${auth}/admin/clients`, { name, scopes }, boss);
  }
}

/** The id of the session that a visitor's tokens are of. */
function sessionOf(visitor: Visitor): string {
  const claims = Buffer.from(visitor.accessToken.split(".")[1] ?? "", "base64url").toString();
  return (JSON.parse(claims) as { sid: string }).sid;
}

/** Takes a picture of a page, once this text is on it and nothing moves any more. */
async function shot(page: Page, name: string, path?: string, text?: string): Promise<void> {
  if (path !== undefined) await page.goto(web + path);
  if (text !== undefined) await sees(page.getByText(text));
  await page.waitForTimeout(700);
  await page.screenshot({ path: join(folder, `${name}.png`), animations: "disabled" });
}
