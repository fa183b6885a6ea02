/** Servers that are away, and a network that is. */

import { api, auth, expect, newAccount, sees, seesNo, test, web } from "./support";

test("offline is told, what was read stays, and what was written is sent when the network is back", async ({
  visit,
}) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  const { page } = visitor;
  await sees(page.getByRole("textbox", { name: "New post" }));
  await visitor.context.setOffline(true);
  await sees(page.getByText("You are offline"));
  await page.getByRole("textbox", { name: "New post" }).fill("Written in a tunnel");
  await page.getByRole("button", { name: "Post", exact: true }).click();
  await sees(page.getByText(/waits for the connection/));
  expect(await page.getByRole("article").count()).toBe(0);
  await visitor.context.setOffline(false);
  await sees(page.getByRole("article").getByText("Written in a tunnel"));
  await seesNo(page.getByText("You are offline"));
});

test("a server that answers 503 is asked again when it says so, and the page then goes on by itself", async ({
  visit,
}) => {
  const account = await newAccount();
  const visitor = await visit();
  const { page } = visitor;
  let refused = 0;
  const asked: number[] = [];
  await visitor.context.route(`${api}/api/timeline*`, async (route) => {
    if (route.request().method() === "OPTIONS" || refused >= 2) return route.fallback();
    refused += 1;
    asked.push(Date.now());
    return route.fulfill({
      status: 503,
      contentType: "application/problem+json",
      headers: {
        "Retry-After": "2",
        "Access-Control-Allow-Origin": web,
        "Access-Control-Expose-Headers": "Retry-After",
      },
      body: JSON.stringify({ status: 503, code: "unavailable", title: "Come back in a moment." }),
    });
  });
  await visitor.logIn(account);
  await sees(page.getByText(/Trying again/));
  await sees(page.getByText("Nothing here yet"));
  expect(refused).toBe(2);
  expect((asked[1] ?? 0) - (asked[0] ?? 0)).toBeGreaterThan(1_900);
});

test("a server that goes away later is told, and what was read stays", async ({ visit }) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account, "/protected");
  const { page } = visitor;
  const message = page.getByText(`allowed usr ${account.username}`);
  await sees(message);
  let isAway = true;
  await visitor.context.route(`${api}/**`, (route) =>
    isAway ? route.abort("connectionrefused") : route.fallback(),
  );
  await page.getByRole("button", { name: "Ask again" }).click();
  await sees(page.getByText("No answer"));
  expect(await message.isVisible()).toBe(true);
  isAway = false;
  await seesNo(page.getByText("No answer"));
});

test("whoever goes offline can still go from page to page, and lose nothing", async ({ visit }) => {
  const visitor = await visit();
  const { page } = visitor;
  const files: string[] = [];
  page.on("response", (response) => files.push(response.url()));
  await visitor.logIn(await newAccount());
  await expect
    .poll(() => files.some((url) => url.includes("/assets/audit-page")), { timeout: 20_000 })
    .toBe(true);
  await page.waitForLoadState("networkidle");
  await visitor.context.setOffline(true);
  await page.getByRole("link", { name: "Account" }).click();
  await sees(page.getByRole("heading", { level: 1, name: "Account" }));
  await sees(page.getByText("You are offline"));
  await visitor.context.setOffline(false);
  await sees(page.getByText("This device"));
});

test("a page whose file is gone is told inside the layout", async ({ visit }) => {
  const visitor = await visit();
  await visitor.context.route(/\/assets\/signup-page-.*\.js/, (route) => route.fulfill({ status: 404 }));
  await visitor.page.goto(`${web}/login`);
  await visitor.page.getByRole("main").getByRole("link", { name: "Sign up" }).click();
  await sees(visitor.page.getByRole("heading", { name: "This page is not here yet" }));
  await sees(visitor.page.getByRole("navigation", { name: "Main" }));
});

test("while auth-server is away a reload loses nobody's session", async ({ visit }) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  const { page } = visitor;
  let isAway = true;
  await visitor.context.route(`${auth}/auth/refresh`, (route) =>
    isAway ? route.abort("connectionrefused") : route.fallback(),
  );
  await page.reload();
  await sees(page.getByText(/Finding out who you are/));
  expect(page.url()).toBe(`${web}/timeline`);
  isAway = false;
  await sees(page.getByRole("textbox", { name: "New post" }));
});

test("a logout that auth-server does not hear of is not claimed", async ({ visit }) => {
  const account = await newAccount();
  const visitor = await visit();
  await visitor.logIn(account);
  const { page } = visitor;
  let isAway = true;
  await visitor.context.route(`${auth}/auth/logout`, (route) =>
    isAway ? route.abort("connectionrefused") : route.fallback(),
  );
  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  const dialog = page.getByRole("dialog", { name: "You are still logged in" });
  await sees(dialog);
  isAway = false;
  await dialog.getByRole("button", { name: "Try again" }).click();
  await sees(page.getByRole("banner").getByRole("link", { name: "Log in" }));
  expect(await visitor.refreshCookie()).toBeUndefined();
});
