/** What must not be possible: for pages of other origins, for scripts, for whoever looks where a token does not belong. */

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { auth, api, expect, newAccount, test, web } from "./support";

test("the refresh token is in a cookie that scripts, other hosts and plain connections do not get", async ({
  visit,
}) => {
  const visitor = await visit();
  const answer = visitor.page.waitForResponse(
    (response) => response.url() === `${auth}/auth/login` && response.ok(),
  );
  await visitor.logIn(await newAccount());
  const { refresh_expires_in } = (await (await answer).json()) as { refresh_expires_in: number };
  const cookie = await visitor.refreshCookie();
  expect(cookie).toMatchObject({
    domain: "localhost",
    path: "/",
    httpOnly: true,
    secure: true,
    sameSite: "Strict",
  });
  expect(Math.abs((cookie?.expires ?? 0) - Date.now() / 1000 - refresh_expires_in)).toBeLessThan(120);
  expect(await visitor.page.evaluate(() => document.cookie)).toBe("");
});

test("of what the client asks the servers, the cookie goes along with refreshes alone", async ({ visit }) => {
  const visitor = await visit();
  const asked: Promise<string | undefined>[] = [];
  visitor.context.on("request", (request) => {
    const { origin, pathname } = new URL(request.url());
    if (origin === web) return;
    const sent = request.allHeaders().then(
      (headers) => ("cookie" in headers ? pathname : undefined),
      () => undefined,
    );
    asked.push(sent);
  });
  await visitor.logIn(await newAccount());
  for (const path of ["/", "/protected", "/account", "/timeline"]) {
    await visitor.page.goto(web + path);
    await visitor.page.waitForLoadState("networkidle");
  }
  const withCookie = new Set((await Promise.all(asked)).filter((path) => path !== undefined));
  expect([...withCookie]).toEqual(["/auth/refresh"]);
  expect(asked.length).toBeGreaterThan(10);
});

test("a page of a fourth origin reads nothing from either server, and cannot use the cookie", async ({
  visit,
}) => {
  const visitor = await visit();
  await visitor.logIn(await newAccount());
  const before = await visitor.refreshCookie();
  const stranger = createServer((_request, response) =>
    response.setHeader("Content-Type", "text/html").end("<title>stranger</title>"),
  );
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  try {
    const tab = await visitor.openTab();
    await tab.goto(`http://localhost:${(stranger.address() as AddressInfo).port}/`);
    const attempt = (url: string, init: object) =>
      tab.evaluate(
        ([target, options]) =>
          fetch(target as string, options as RequestInit).then(
            (response) => `read ${response.status}`,
            () => "refused",
          ),
        [url, init],
      );
    const json = { "Content-Type": "application/json" };
    const token = { Authorization: `Bearer ${visitor.accessToken}` };
    expect(await attempt(`${auth}/auth/refresh`, { method: "POST", credentials: "include" })).toBe("refused");
    expect(await attempt(`${auth}/auth/logout`, { method: "POST", credentials: "include" })).toBe("refused");
    expect(
      await attempt(`${auth}/auth/login`, {
        method: "POST",
        headers: json,
        body: "{}",
        credentials: "include",
      }),
    ).toBe("refused");
    expect(await attempt(`${auth}/auth/user`, { headers: token })).toBe("refused");
    expect(await attempt(`${api}/api/timeline`, { headers: token })).toBe("refused");
    expect(await attempt(`${api}/api/public`, {})).toBe("refused");
    // What is public is public.
    expect(await attempt(`${auth}/.well-known/jwks.json`, {})).toBe("read 200");
    // The same requests from our own origin are read, so that it was the origin that was refused.
    const ours = await visitor.page.evaluate(
      (url) => fetch(url).then((response) => response.status),
      `${api}/api/public`,
    );
    expect(ours).toBe(200);
    await tab.close();
  } finally {
    stranger.close();
  }
  // Nobody was logged out by the stranger, and the chain was not moved on.
  expect((await visitor.refreshCookie())?.value).toBe(before?.value);
  await visitor.page.reload();
  await visitor.page.getByRole("button", { name: /Account menu/ }).waitFor();
});

test("the policy of the page is strict, and holds", async ({ visit }) => {
  const visitor = await visit();
  const response = await visitor.page.goto(web);
  const policy = response?.headers()["content-security-policy"] ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`connect-src 'self' ${auth} ${api}`);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toMatch(/unsafe|\*|data:|https?:\/\/(?!localhost)/);
  expect(response?.headers()["referrer-policy"]).toBe("no-referrer");
  for (const path of ["/config.json", "/theme.js", "/assets/gone.js"]) {
    const other = await visitor.context.request.get(web + path);
    expect(other.headers()["content-security-policy"], path).toBe(policy);
    expect(other.status(), path).toBe(path.startsWith("/assets/") ? 404 : 200);
  }

  // Somebody whose pages need not behave.
  const hostile = await visitor.context.browser()?.newContext();
  const page = await hostile?.newPage();
  if (page === undefined) throw new Error("a visitor has a browser");
  await page.goto(web);
  const verdict = await page.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", (event) =>
      violations.push(event.effectiveDirective),
    );
    const script = document.createElement("script");
    try {
      script.textContent = "window.injected = true";
    } catch {
      violations.push("trusted-types");
    }
    const image = document.createElement("img");
    image.src = "http://127.0.0.1:9/pixel";
    const style = document.createElement("style");
    style.textContent = "body { display: none }";
    document.head.append(script, image, style);
    await fetch("http://127.0.0.1:9/").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { violations, injected: "injected" in window };
  });
  expect(verdict.injected).toBe(false);
  expect(verdict.violations).toEqual(
    expect.arrayContaining(["trusted-types", "img-src", "style-src-elem", "connect-src"]),
  );
  await hostile?.close();
});

test("a login page that is asked to lead elsewhere stays here", async ({ visit }) => {
  const account = await newAccount();
  for (const next of ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)"]) {
    const visitor = await visit();
    await visitor.page.goto(`${web}/login?${new URLSearchParams({ next }).toString()}`);
    await visitor.page.getByLabel("Username").fill(account.username);
    await visitor.page.getByLabel("Password", { exact: true }).fill(account.password);
    await visitor.page.getByRole("main").getByRole("button", { name: "Log in" }).click();
    await visitor.page.waitForURL((url) => url.pathname !== "/login");
    expect(new URL(visitor.page.url()).origin).toBe(web);
  }
});
