/** What everybody does: signing up, writing, following, reading, looking at the token, leaving. */

import {
  accessTokenOf,
  type Account,
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

test("somebody signs up, posts, follows, reads, deletes, looks at the token, and logs out", async ({
  visit,
}) => {
  const friend = await newAccount("friend");
  await post(`${api}/api/posts`, { content: "Written by a friend" }, await accessTokenOf(friend));
  const { page } = await visit();

  await page.goto(web);
  await sees(page.getByText("Up", { exact: true }));
  await page.getByRole("main").getByRole("link", { name: "Sign up" }).click();
  const newcomer: Account = {
    username: `new.${Date.now().toString(36)}`,
    password: "wide open staple field",
  };
  await page.getByLabel("Username").fill(newcomer.username);
  await page.getByLabel("Password", { exact: true }).fill(newcomer.password);
  await sees(page.getByRole("meter"));
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.waitForURL(`${web}/timeline`);

  const composer = page.getByRole("textbox", { name: "New post" });
  await composer.fill("First line\nsecond line <b>not bold</b>");
  await composer.press("Control+Enter");
  const own = page.getByRole("article").filter({ hasText: "second line <b>not bold</b>" });
  await sees(own);
  expect(await composer.inputValue()).toBe("");

  await page.goto(`${web}/u/${friend.username}`);
  await page.getByRole("button", { name: "Follow", exact: true }).click();
  await sees(page.getByRole("button", { name: "Unfollow" }));
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Timeline" }).click();
  await sees(page.getByRole("article").getByText("Written by a friend"));

  await own.getByRole("button", { name: /Actions/ }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await seesNo(own);
  await page.reload();
  await sees(page.getByText("Written by a friend"));
  expect(await own.count()).toBe(0);

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Protected" }).click();
  await sees(page.getByText(`protected endpoint (allowed usr ${newcomer.username})`));
  // The browser has checked the token by itself, against the published keys and the status list.
  const checks = page.getByRole("region", { name: "Why it is believed" });
  await sees(checks.getByText("Good", { exact: true }));
  for (const check of ["Signature", "Status"]) await sees(checks.getByText(check).first());

  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Log out" }).click();
  await sees(page.getByRole("banner").getByRole("link", { name: "Log in" }));
  await page.goto(`${web}/protected`);
  await page.waitForURL(/\/login\?next=%2Fprotected/);
});

test("signing up tells what is wrong where it is wrong, and loses nothing", async ({ visit }) => {
  const taken = await newAccount();
  const { page } = await visit();
  await page.goto(`${web}/signup`);
  await page.getByLabel("Username").fill(taken.username.toUpperCase());
  await page.getByLabel("Password", { exact: true }).fill("wide open staple field");
  await page.getByLabel(/E-mail/).fill("somebody@example.org");
  await page.getByRole("button", { name: "Sign up" }).click();
  await sees(page.getByText(/is taken/));
  expect(await page.getByLabel("Username").getAttribute("aria-invalid")).toBe("true");
  expect(await page.getByLabel(/E-mail/).inputValue()).toBe("somebody@example.org");
  await page.getByLabel("Username").fill(`fresh.${Date.now().toString(36)}`);
  await page.getByRole("button", { name: "Sign up" }).click();
  await page.waitForURL(`${web}/timeline`);
});

test("a wrong password is told in words; many lead to a wait that counts down", async ({ visit }) => {
  const account = await newAccount();
  const { page } = await visit();
  await page.goto(`${web}/login`);
  await page.getByLabel("Username").fill(account.username);
  const password = page.getByLabel("Password", { exact: true });
  await password.fill("not the password");
  await password.press("Enter");
  await sees(page.getByRole("alert"));
  expect(await page.getByLabel("Username").inputValue()).toBe(account.username);
  for (let attempt = 0; attempt < 6; attempt += 1) {
    await post(`${auth}/auth/login`, { ...account, password: "not the password" });
  }
  await password.fill("still not the password");
  await password.press("Enter");
  await sees(page.getByText(/too many|wait/i));
  // It ends by itself, and the right password is let in.
  await password.fill(account.password);
  await page.getByRole("main").getByRole("button", { name: "Log in" }).click({ timeout: 30_000 });
  await page.waitForURL((url) => url.pathname !== "/login", { timeout: 30_000 });
});

test("the timeline reads on as one scrolls, and tells of new posts without jumping", async ({ visit }) => {
  const account = await newAccount();
  const token = await accessTokenOf(account);
  for (let n = 1; n <= 45; n += 1) await post(`${api}/api/posts`, { content: `Number ${n}` }, token);
  const visitor = await visit();
  await visitor.logIn(account);
  const { page } = visitor;
  await sees(page.getByText("Number 45", { exact: true }));
  expect(await page.getByText("Number 1", { exact: true }).count()).toBe(0);
  await expect
    .poll(
      async () => {
        await page.mouse.wheel(0, 4000);
        return page.getByText("Number 1", { exact: true }).count();
      },
      { timeout: 20_000 },
    )
    .toBe(1);
  expect(await page.getByRole("article").count()).toBe(45);

  await page.evaluate(() => scrollTo(0, 0));
  await post(`${api}/api/posts`, { content: "From another device" }, token);
  const pill = page.getByRole("button", { name: /new post/ });
  await pill.waitFor({ timeout: 40_000 });
  expect(await page.getByText("From another device").count()).toBe(0);
  await pill.click();
  await sees(page.getByText("From another device"));
});

test("the account is its owner's to change: password, e-mail, and the end of it", async ({ visit }) => {
  const account = await newAccount();
  const visitor = await visit();
  const elsewhere = await accessTokenOf(account);
  await visitor.logIn(account, "/account");
  const { page } = visitor;
  const dialog = page.getByRole("dialog");

  await page.getByRole("button", { name: /^Change.*e-mail/i }).click();
  await dialog.getByLabel("E-mail").fill("me@example.org");
  await dialog.getByLabel("Your password", { exact: true }).fill("not the password");
  await dialog.getByRole("button", { name: "Save" }).click();
  await sees(dialog.locator("[aria-invalid=true]"));
  expect(await dialog.getByLabel("E-mail").inputValue()).toBe("me@example.org");
  await dialog.getByLabel("Your password", { exact: true }).fill(account.password);
  await dialog.getByRole("button", { name: "Save" }).click();
  await sees(page.getByRole("main").getByText("me@example.org"));

  await page.getByRole("button", { name: /^Change.*password/i }).click();
  await dialog.getByLabel("Current password", { exact: true }).fill(account.password);
  await dialog.getByLabel("New password", { exact: true }).fill("an entirely new staple");
  await dialog.getByRole("button", { name: "Change password" }).click();
  await seesNo(dialog);
  // The other device is out, this one is not.
  const user = (token: string) => call("GET", `${auth}/auth/user`, undefined, token);
  expect((await user(elsewhere)).status).toBe(401);
  expect((await user(visitor.accessToken)).status).toBe(200);

  await page.getByRole("button", { name: "Delete account" }).click();
  await dialog.getByLabel(`Type ${account.username} to confirm`).fill(account.username);
  await dialog.getByLabel("Your password", { exact: true }).fill("an entirely new staple");
  await dialog.getByRole("button", { name: "Delete account" }).click();
  await sees(page.getByRole("banner").getByRole("link", { name: "Log in" }));
  expect((await post(`${auth}/auth/login`, { ...account, password: "an entirely new staple" })).status).toBe(
    401,
  );
});
