/** Every page for everybody: axe finds nothing, light or dark, wide or narrow; the keyboard is enough. */

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { describe } from "vitest";

import {
  accessTokenOf,
  admin,
  api,
  auth,
  call,
  expect,
  newAccount,
  post,
  sees,
  seesNo,
  test,
  web,
} from "./support";

const FOR_ALL = ["/", "/login", "/signup", "/no-such-page"];
const FOR_USERS = ["/", "/timeline", "/protected", "/account"];
const FOR_ADMINS = ["/admin", "/admin/clients", "/admin/keys", "/admin/audit"];

describe.each([
  ["light, on a desk", { colorScheme: "light", viewport: { width: 1280, height: 900 } }],
  [
    "dark, on a phone",
    { colorScheme: "dark", viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
  ],
  ["dark, on a desk", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }],
] as const)("%s", (_name, options) => {
  test("pages for all", async ({ visit }) => {
    const { page } = await visit(options);
    for (const path of FOR_ALL) await isAccessible(page, path);
  });

  test("pages for users", async ({ visit }) => {
    const account = await newAccount();
    await post(`${api}/api/posts`, { content: "Something to look at" }, await accessTokenOf(account));
    const visitor = await visit(options);
    await visitor.logIn(account);
    const { username } = account;
    const profile = [`/u/${username}`, `/u/${username}/followers`, "/u/nobody.there"];
    for (const path of [...FOR_USERS, ...profile, "/admin"]) await isAccessible(visitor.page, path);
  });

  test("menus, dialogs, errors, and the login in place", async ({ visit }) => {
    const account = await newAccount();
    const visitor = await visit(options);
    const { page } = visitor;
    await page.goto(`${web}/login`);
    await page.getByLabel("Username").fill(account.username);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.keyboard.press("Enter");
    await sees(page.getByRole("alert"));
    await hasNoFaults(page);
    await page.goto(`${web}/signup`);
    await page.getByLabel("Username").fill("!");
    await page.getByLabel("Password", { exact: true }).fill("easy");
    await page.getByRole("button", { name: "Sign up" }).click();
    await sees(page.locator("[aria-invalid=true]"));
    await hasNoFaults(page);

    await visitor.logIn(account, "/account");
    await page.getByRole("button", { name: /Account menu/ }).click();
    await sees(page.getByRole("menuitem", { name: "Log out" }));
    await hasNoFaults(page);
    await page.keyboard.press("Escape");
    for (const opener of [/^Change.*e-mail/i, /^Change.*password/i, "Delete account"]) {
      await page.getByRole("button", { name: opener }).click();
      await sees(page.getByRole("dialog"));
      await hasNoFaults(page);
      await page.keyboard.press("Escape");
      await seesNo(page.getByRole("dialog"));
    }
    await call("POST", `${auth}/auth/logout-all`, undefined, visitor.accessToken);
    // auth-server says so at once; the page asks it for something.
    await page.getByRole("button", { name: /^Change.*e-mail/i }).click();
    await page.getByRole("dialog").getByLabel("E-mail").fill("me@example.org");
    await page.getByRole("dialog").getByLabel("Your password", { exact: true }).fill(account.password);
    await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
    await sees(page.getByRole("dialog", { name: "Your session has ended" }));
    await hasNoFaults(page);
  });

  test("pages for administrators, and a dialog", async ({ visit }) => {
    const visitor = await visit(options);
    await visitor.logIn(admin, "/admin");
    for (const path of FOR_ADMINS) await isAccessible(visitor.page, path);
    await visitor.page.goto(`${web}/admin?q=${admin.username}`);
    await visitor.page.getByRole("main").getByRole("link", { name: admin.username }).first().click();
    await sees(visitor.page.getByRole("heading", { level: 1, name: admin.username }));
    await visitor.page.waitForLoadState("networkidle");
    await hasNoFaults(visitor.page);
    await visitor.page.goto(`${web}/admin/clients`);
    await visitor.page.getByRole("button", { name: /add/i }).first().click();
    await sees(visitor.page.getByRole("dialog"));
    await hasNoFaults(visitor.page);
  });
});

test("the keyboard is enough to log in, write, and log out", async ({ visit }) => {
  const account = await newAccount();
  const { page } = await visit();
  await page.goto(`${web}/login`);
  await page.getByLabel("Username").waitFor();
  await page.keyboard.type(account.username);
  await page.keyboard.press("Tab");
  await page.keyboard.type(account.password);
  await page.keyboard.press("Enter");
  await sees(page.getByRole("button", { name: /Account menu/ }));
  await page.goto(`${web}/timeline`);
  await sees(page.getByRole("textbox", { name: "New post" }));
  await tabTo(page, "New post");
  await page.keyboard.type("By keyboard alone");
  await page.keyboard.press("Control+Enter");
  await sees(page.getByRole("article").getByText("By keyboard alone"));
  await page.reload();
  await sees(page.getByRole("article"));
  await tabTo(page, `Account menu of ${account.username}`);
  await page.keyboard.press("Enter");
  await sees(page.getByRole("menuitem", { name: "Log out" }));
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await sees(page.getByRole("banner").getByRole("link", { name: "Log in" }));
});

test("the first stop of the keyboard leads past the navigation", async ({ visit }) => {
  const { page } = await visit();
  await page.goto(web);
  await sees(page.getByRole("heading", { level: 1 }));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("content");
});

async function isAccessible(page: Page, path: string): Promise<void> {
  await page.goto(web + path);
  await sees(page.getByRole("heading", { level: 1 }));
  await page.waitForLoadState("networkidle");
  await hasNoFaults(page);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
}

async function hasNoFaults(page: Page): Promise<void> {
  // What fades in is looked at when it is there.
  await page.waitForFunction(() =>
    document
      .getAnimations()
      .every(
        ({ effect, playState }) => playState !== "running" || effect?.getTiming().iterations === Infinity,
      ),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  const faults = violations.map(
    ({ id, nodes }) => `${page.url()} ${id}: ${nodes.map((node) => node.html).join(" | ")}`,
  );
  expect(faults).toEqual([]);
}

/** Presses Tab until the element of this name has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      const label = element instanceof HTMLTextAreaElement ? element.labels[0]?.textContent : undefined;
      return label ?? element?.getAttribute("aria-label") ?? element?.textContent;
    });
    if (focused === name) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}
