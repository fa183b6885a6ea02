/** What administrators do, and how those whom it concerns see it. */

import type { Page } from "playwright-core";

import {
  type Account,
  accessTokenOf,
  admin,
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

test("a role that an administrator gives is seen by the user without a login, and so is its end", async ({
  visit,
}) => {
  const account = await newAccount("promoted");
  const [user, boss] = [await visit(), await visit()];
  await user.logIn(account, "/protected");
  await sees(user.page.getByText(`allowed usr ${account.username}`));
  const adminLink = user.page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Admin" });
  expect(await adminLink.count()).toBe(0);

  await boss.logIn(admin, "/admin");
  await openUser(boss.page, account);
  const roles = boss.page.getByRole("region", { name: "Roles" });
  await roles.getByRole("button", { name: /admin/ }).click();
  await roles.getByRole("button", { name: "Save roles" }).click();
  await seesNo(roles.getByRole("button", { name: "Save roles" }));
  // The page asks for the message again by itself; its token is refused, and the next one has the role.
  await adminLink.waitFor({ timeout: 25_000 });
  await adminLink.click();
  await sees(
    user.page.getByRole("table", { name: "Users" }).or(user.page.getByRole("heading", { name: "Users" })),
  );

  await roles.getByRole("button", { name: /admin/ }).click();
  await roles.getByRole("button", { name: "Save roles" }).click();
  await seesNo(roles.getByRole("button", { name: "Save roles" }));
  await user.page.getByRole("link", { name: "Audit trail" }).click();
  await sees(user.page.getByText("You are not an administrator"));
  await seesNo(adminLink);
});

test("an account that is disabled is out at once, and back when it is enabled", async ({ visit }) => {
  const account = await newAccount("disabled");
  const [user, boss] = [await visit(), await visit()];
  await user.logIn(account);
  await boss.logIn(admin, "/admin");
  await openUser(boss.page, account);
  await boss.page.getByRole("button", { name: "Disable" }).click();
  await boss.page.getByRole("alertdialog").getByRole("button", { name: "Disable" }).click();
  await sees(boss.page.getByRole("button", { name: "Enable" }));

  await user.page.goto(`${web}/account`);
  await user.page.waitForURL(/\/login/);
  await user.page.getByLabel("Username").fill(account.username);
  await user.page.getByLabel("Password", { exact: true }).fill(account.password);
  const logIn = user.page.getByRole("main").getByRole("button", { name: "Log in" });
  await logIn.click();
  await sees(user.page.getByRole("alert"));

  await boss.page.getByRole("button", { name: "Enable" }).click();
  await sees(boss.page.getByRole("button", { name: "Disable" }));
  await logIn.click();
  await user.page.waitForURL(`${web}/account`);
});

test("the last administrator stays one, and is told why", async ({ visit }) => {
  const boss = await visit();
  await boss.logIn(admin, "/admin");
  await openUser(boss.page, admin);
  const roles = boss.page.getByRole("region", { name: "Roles" });
  await roles.getByRole("button", { name: /admin/ }).click();
  await sees(roles.getByText("This is your own account"));
  await roles.getByRole("button", { name: "Save roles" }).click();
  await sees(roles.getByRole("alert").getByText(/last/i));
});

test("an administrator who disables himself is a visitor at once, and is not asked to log in again", async ({
  visit,
}) => {
  const account = await newAccount("resigned");
  const token = await accessTokenOf(admin);
  const found = await call("GET", `${auth}/admin/users?q=${account.username}`, undefined, token);
  const { items } = (await found.json()) as { items: { id: string }[] };
  const path = `/admin/users/${items[0]?.id ?? ""}`;
  const promoted = await call("PATCH", auth + path, { roles: ["user", "admin"] }, token);
  expect(promoted.status).toBe(200);

  const visitor = await visit();
  await visitor.logIn(account, path);
  const { page } = visitor;
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disable" }).click();
  await page.waitForURL(`${web}/`);
  await sees(page.getByRole("banner").getByRole("link", { name: "Log in" }));
  await page.waitForLoadState("networkidle");
  expect(page.url()).toBe(`${web}/`);
  expect(await page.getByRole("dialog", { name: "Your session has ended" }).count()).toBe(0);
});

test("a service that is registered here gets tokens by the secret that is shown once", async ({ visit }) => {
  const boss = await visit();
  await boss.logIn(admin, "/admin/clients");
  const { page } = boss;
  const name = `gateway-${Date.now().toString(36)}`;
  await page.getByRole("button", { name: "Add client" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByRole("button", { name: /introspect/ }).click();
  await dialog.getByRole("button", { name: "Add client" }).click();
  const shown = page.getByRole("dialog", { name: "Keep this secret now" });
  await sees(shown);
  const [id = "", secret = ""] = await shown.locator("code").allTextContents();
  await page.keyboard.press("Escape");
  await sees(shown.getByText(/once you have kept the secret/));
  await shown.getByRole("button", { name: "I have kept it" }).click();
  await seesNo(shown);
  await sees(page.getByText(name));
  expect(await page.content()).not.toContain(secret);

  const token = () =>
    fetch(`${auth}/oauth/token`, {
      method: "POST",
      headers: { Authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      body: new URLSearchParams({ grant_type: "client_credentials" }),
    });
  expect((await token()).status).toBe(200);

  await page.getByRole("button", { name: new RegExp(`(Actions|Menu).*${name}`) }).click();
  await page.getByRole("menuitem", { name: /disable|switch off/i }).click();
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: /disable|switch off/i })
    .click();
  await expect.poll(async () => (await token()).status).toBe(401);
});

test("a rotation is told with its time, and the audit trail knows who did it", async ({ visit }) => {
  const boss = await visit();
  await boss.logIn(admin, "/admin/keys");
  const { page } = boss;
  await sees(page.getByRole("heading", { name: "Signing keys" }));
  await page.getByRole("button", { name: "Rotate" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Rotate" }).click();
  await sees(page.getByText("The next key takes over early"));
  await page.getByRole("link", { name: "Audit trail" }).click();
  await sees(page.getByRole("listitem").filter({ hasText: /key/i }).filter({ hasText: admin.username }));
});

test("administrators find users by a part of their name, and can add and delete them", async ({ visit }) => {
  const boss = await visit();
  await boss.logIn(admin, "/admin");
  const { page } = boss;
  const added: Account = { username: `added.${Date.now().toString(36)}`, password: "correct horse battery" };
  await page.getByRole("button", { name: "Add user" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Username").fill(added.username);
  await dialog.getByLabel("Password", { exact: true }).fill(added.password);
  await dialog.getByRole("button", { name: "Add user" }).click();
  await seesNo(dialog);
  expect((await post(`${auth}/auth/login`, added)).status).toBe(200);

  await openUser(page, added);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete account" }).click();
  await page.waitForURL(`${web}/admin`);
  expect((await post(`${auth}/auth/login`, added)).status).toBe(401);
});

test("what the pages for administrators ask is refused to others by the server itself", async ({ visit }) => {
  const user = await visit();
  await user.logIn(await newAccount(), "/admin");
  await sees(user.page.getByText("You are not an administrator"));
  for (const path of ["users", "clients", "keys", "audit"]) {
    expect((await call("GET", `${auth}/admin/${path}`, undefined, user.accessToken)).status).toBe(403);
  }
});

/** Finds a user by the search, and opens his page. */
async function openUser(page: Page, { username }: Account): Promise<void> {
  await page.goto(`${web}/admin`);
  await page.getByRole("searchbox").fill(username);
  await page.waitForURL((url) => url.searchParams.get("q") === username);
  await page.getByRole("link", { name: username, exact: true }).first().click();
  await page.getByRole("heading", { level: 1, name: username }).waitFor();
}
