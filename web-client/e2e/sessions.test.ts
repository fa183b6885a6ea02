/** One session, several tabs, other devices, and those who steal. */

import type { Page } from "playwright-core";

import {
  accessTokenOf,
  type Account,
  auth,
  api,
  call,
  expect,
  newAccount,
  post,
  REFRESH_GRACE,
  sees,
  seesNo,
  test,
  type Visitor,
  web,
} from "./support";

test("a reload keeps the user in, and nothing that is a token is stored", async ({ visit }) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  await visitor.page.reload();
  await sees(accountMenu(visitor.page, account));
});

test("tabs that refresh at once share one session, and no refresh is refused", async ({ visit }) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  const tabs = [visitor.page, await visitor.openTab(), await visitor.openTab()];
  const statuses: number[] = [];
  visitor.context.on("response", (response) => {
    const isRefresh = response.url() === `${auth}/auth/refresh` && response.request().method() === "POST";
    if (isRefresh) statuses.push(response.status());
  });
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(tabs.map((tab) => tab.goto(`${web}/protected`)));
    await Promise.all(tabs.map((tab) => sees(accountMenu(tab, account))));
    // The next round must advance the chain, not be answered within the grace of this one.
    await visitor.page.waitForTimeout(round === 1 ? REFRESH_GRACE + 200 : 0);
  }
  // A tab that hears of a fresh token before it has asked need not ask.
  expect(statuses.length).toBeGreaterThanOrEqual(4);
  expect(new Set(statuses)).toEqual(new Set([200]));
  const sessions = await call("GET", `${auth}/auth/sessions`, undefined, visitor.accessToken);
  expect(((await sessions.json()) as { items: object[] }).items).toHaveLength(1);
});

test("tabs whose tokens are refused at once make one refresh between them", async ({ visit }) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  const other = await visitor.openTab();
  await other.goto(`${web}/account`);
  await sees(accountMenu(other, account));
  let refreshes = 0;
  visitor.context.on("request", (request) => {
    if (request.url() === `${auth}/auth/refresh` && request.method() === "POST") refreshes += 1;
  });
  // Both tabs are put into a future in which their tokens have expired.
  for (const tab of [visitor.page, other]) {
    await tab.evaluate(() => {
      const now = Date.now.bind(Date);
      Date.now = () => now() + 300_000;
    });
  }
  await Promise.all([
    visitor.page.getByRole("link", { name: "Protected" }).click(),
    other.getByRole("link", { name: "Timeline" }).click(),
  ]);
  await Promise.all([
    sees(visitor.page.getByText(`allowed usr ${account.username}`)),
    sees(other.getByRole("heading", { name: "Timeline" })),
  ]);
  await sees(other.getByRole("button", { name: "Post" }));
  expect(refreshes).toBe(1);
});

test("a logout in one tab is a logout in all, and the way back shows nothing", async ({ visit }) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  const other = await visitor.openTab();
  await other.goto(`${web}/account`);
  await sees(accountMenu(other, account));
  await accountMenu(visitor.page, account).click();
  await visitor.page.getByRole("menuitem", { name: "Log out" }).click();
  await other.waitForURL(/\/login/);
  await seesNo(accountMenu(visitor.page, account));
  expect(await visitor.refreshCookie()).toBeUndefined();
  await visitor.page.goBack();
  await visitor.page.waitForURL(/\/login/);
  await visitor.page.reload();
  await sees(visitor.page.getByRole("heading", { name: "Log in" }));
});

test("a replayed refresh token ends the session; the login in place lets the interrupted post go on, once", async ({
  visit,
}) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  const stolen = await visitor.refreshCookie();
  await visitor.page.reload();
  await sees(accountMenu(visitor.page, account));
  await visitor.page.waitForTimeout(REFRESH_GRACE + 300);

  const replayed = await post(`${auth}/auth/refresh`, { refresh_token: stolen?.value });
  expect(replayed.status).toBe(401);

  await isRefusedEverywhere(visitor);
  await visitor.page.getByRole("textbox", { name: "New post" }).fill("Written before, published after.");
  await visitor.page.getByRole("button", { name: "Post", exact: true }).click();
  await logInAgain(visitor.page, account);
  await sees(visitor.page.getByRole("article").getByText("Written before, published after."));
  const posts = await call(
    "GET",
    `${api}/api/users/${account.username}/posts`,
    undefined,
    visitor.accessToken,
  );
  expect(((await posts.json()) as { items: object[] }).items).toHaveLength(1);
});

test("a session that is ended on another device is over within seconds, without a click", async ({
  visit,
}) => {
  const account = await newAccount();
  const [phone, desk] = [await visit({ userAgent: IPHONE }), await visit()];
  await phone.logIn(account, "/protected");
  await sees(phone.page.getByText(`allowed usr ${account.username}`));
  await desk.logIn(account, "/account");
  const row = desk.page.getByRole("listitem").filter({ hasText: /iPhone/ });
  await row.getByRole("button", { name: /End/ }).click();
  await desk.page.getByRole("alertdialog").getByRole("button", { name: /End/ }).click();
  await seesNo(row);
  await isRefusedEverywhere(phone);
  await phone.page.getByRole("dialog", { name: "Your session has ended" }).waitFor({ timeout: 20_000 });
  await logInAgain(phone.page, account);
  await sees(phone.page.getByText(`allowed usr ${account.username}`));
});

test("whoever does not log in again leaves that tab alone; the other one still asks, and its work is not lost", async ({
  visit,
}) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  const other = await visitor.openTab();
  await other.goto(`${web}/account`);
  await sees(accountMenu(other, account));
  await visitor.page.getByRole("textbox", { name: "New post" }).fill("Not to be lost");
  await call("POST", `${auth}/auth/logout-all`, undefined, visitor.accessToken);
  await other.reload();
  await other.waitForURL(/\/login\?next=%2Faccount/);
  await isRefusedEverywhere(visitor);
  await visitor.page.getByRole("button", { name: "Post", exact: true }).click();
  const dialog = visitor.page.getByRole("dialog", { name: "Your session has ended" });
  await sees(dialog);
  await visitor.page.keyboard.press("Escape");
  await logInAgain(visitor.page, account);
  await sees(visitor.page.getByRole("article").getByText("Not to be lost"));
  // The other tab hears of the login and goes on to where it was.
  await other.waitForURL(`${web}/account`);
});

test("what one user has written is gone when another one logs in beside him", async ({ visit }) => {
  const [alice, bob] = [await newAccount("alice"), await newAccount("bob")];
  const visitor = await visit();
  await visitor.logIn(alice);
  const other = await visitor.openTab();
  await other.goto(`${web}/timeline`);
  const draft = other.getByRole("textbox", { name: "New post" });
  await draft.fill("For alice's eyes");
  await call("POST", `${auth}/auth/logout-all`, undefined, visitor.accessToken);
  await isRefusedEverywhere(visitor);
  await visitor.page.getByRole("textbox", { name: "New post" }).fill("Never to be made");
  await visitor.page.getByRole("button", { name: "Post", exact: true }).click();
  for (const tab of [visitor.page, other])
    await sees(tab.getByRole("dialog", { name: "Your session has ended" }));
  await visitor.page
    .getByRole("dialog")
    .getByRole("button", { name: /cancel|not log in/i })
    .click();
  await visitor.page.waitForURL(/\/login/);
  await visitor.page.getByLabel("Username").fill(bob.username);
  await visitor.page.getByLabel("Password", { exact: true }).fill(bob.password);
  await visitor.page.getByRole("main").getByRole("button", { name: "Log in" }).click();
  await sees(accountMenu(other, bob));
  expect(await draft.inputValue()).toBe("");
  for (const { username } of [alice, bob]) {
    const posts = await call(
      "GET",
      `${api}/api/users/${username}/posts`,
      undefined,
      await accessTokenOf(bob),
    );
    const { items } = posts.ok ? ((await posts.json()) as { items: object[] }) : { items: [] };
    expect(items).toHaveLength(0);
  }
});

const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1";

function accountMenu(page: Page, { username }: Account) {
  return page.getByRole("button", { name: `Account menu of ${username}` });
}

async function logInAgain(page: Page, { password }: Account): Promise<void> {
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await dialog.getByLabel("Password", { exact: true }).fill(password);
  await dialog.getByRole("button", { name: "Log in" }).click();
  await seesNo(dialog);
}

/** Waits until resource-api refuses the token that the visitor's page holds: within two seconds, and some more on a busy machine. */
async function isRefusedEverywhere(visitor: Visitor): Promise<void> {
  const token = visitor.accessToken;
  const status = async () => (await call("GET", `${api}/api/protected`, undefined, token)).status;
  await expect.poll(status, { timeout: 10_000, interval: 100 }).toBe(401);
}
