import { beforeEach, describe, expect, test } from "vitest";

import { ApiError, UnreachableError } from "../api/errors";
import { type Session, SessionEndedError } from "./session";
import { Browser, problem, settle } from "./testing";

let browser: Browser;

beforeEach(() => {
  browser = new Browser();
});

function get(session: Session, signal?: AbortSignal): Promise<Response> {
  return fetchOf(session)(new Request("http://api.test/timeline", signal ? { signal } : {}));
}

/** As pages ask: for whoever is logged in when they are opened. */
function fetchOf(session: Session) {
  return session.fetchAs("user" in session.state ? session.state.user.id : undefined);
}

function usernameOf(session: Session): string | undefined {
  return session.state.kind === "logged-in" ? session.state.user.username : undefined;
}

describe("at the start", () => {
  test("whoever has the cookie is logged in after a reload", async () => {
    browser.server.startSession("alice");
    const tab = browser.openTab();
    expect(tab.state.kind).toBe("starting");
    await tab.start();
    expect(usernameOf(tab)).toBe("alice");
  });

  test("without a cookie nobody is logged in, and no dialog asks for anybody", async () => {
    const tab = browser.openTab();
    await tab.start();
    expect(tab.state.kind).toBe("anonymous");
  });

  test("an auth-server that is away is asked again, with more and more patience and as it asks", async () => {
    browser.server.startSession("alice");
    browser.server.fail(
      "/auth/refresh",
      "no answer",
      "no answer",
      problem(503, "unavailable", { "Retry-After": "7" }),
    );
    const tab = browser.openTab();
    const seen: string[] = [];
    tab.subscribe(() => seen.push(tab.state.kind));
    await tab.start();
    expect(browser.naps).toEqual([1000, 2000, 7000]);
    expect(seen).toEqual(["unreachable", "unreachable", "unreachable", "logged-in"]);
  });

  test("a login in another tab ends the asking", async () => {
    browser.server.fail("/auth/refresh", "no answer");
    const tab = browser.openTab();
    const starting = tab.start();
    await browser.openTab().logIn("alice", "right");
    await starting;
    expect(usernameOf(tab)).toBe("alice");
  });
});

describe("a request", () => {
  test("carries the token, and needs nothing else while it is good", async () => {
    const tab = await browser.openTabOf("alice");
    await get(tab);
    await get(tab);
    expect(browser.server.requests).toEqual(["GET /timeline", "GET /timeline"]);
  });

  test("renews a token that is about to expire first", async () => {
    const tab = await browser.openTabOf("alice");
    browser.wait(291);
    expect((await get(tab)).status).toBe(200);
    expect(browser.server.requests).toEqual(["POST /auth/refresh", "GET /timeline"]);
  });

  test("that is refused refreshes once and is made once more, body and all", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.refuseTokens();
    const response = await fetchOf(tab)(
      new Request("http://api.test/posts", { method: "POST", body: "hello" }),
    );
    expect(await response.json()).toMatchObject({ username: "alice", body: "hello" });
    expect(browser.server.requests).toEqual(["POST /posts", "POST /auth/refresh", "POST /posts"]);
  });

  test("that is refused twice is not tried a third time", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.fail("/timeline", problem(401, "invalid_token"), problem(401, "invalid_token"));
    expect((await get(tab)).status).toBe(401);
    expect(browser.server.requests).toEqual(["GET /timeline", "POST /auth/refresh", "GET /timeline"]);
    expect(usernameOf(tab)).toBe("alice");
  });

  test("many at once that are refused cause one refresh", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.refuseTokens();
    const responses = await Promise.all([get(tab), get(tab), get(tab)]);
    expect(responses.map((response) => response.status)).toEqual([200, 200, 200]);
    expect(browser.server.requests.filter((request) => request === "POST /auth/refresh")).toHaveLength(1);
  });

  test("fails as unreachable when no answer comes, and nobody is logged out by that", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.fail("/timeline", "no answer");
    await expect(get(tab)).rejects.toBeInstanceOf(UnreachableError);
    browser.wait(300);
    browser.server.fail("/auth/refresh", problem(503, "unavailable"));
    await expect(get(tab)).rejects.toBeInstanceOf(ApiError);
    expect(usernameOf(tab)).toBe("alice");
  });

  test("of nobody is not made", async () => {
    const tab = browser.openTab();
    await tab.start();
    browser.server.requests.length = 0;
    await expect(get(tab)).rejects.toBeInstanceOf(SessionEndedError);
    expect(browser.server.requests).toEqual([]);
  });
});

describe("when auth-server has ended the session", () => {
  test("the request waits for a login in place and goes on", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.endSession();
    const request = get(tab);
    await settle();
    expect(tab.state).toMatchObject({ kind: "ended", user: { username: "alice" } });
    await tab.logIn("alice", "right");
    expect((await request).status).toBe(200);
    expect(usernameOf(tab)).toBe("alice");
  });

  test("requests that come meanwhile wait too, without asking auth-server", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.endSession();
    const first = get(tab);
    await settle();
    browser.server.requests.length = 0;
    const second = get(tab);
    await settle();
    expect(browser.server.requests).toEqual([]);
    await tab.logIn("alice", "right");
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
  });

  test("a wrong password leaves everything waiting", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.endSession();
    const request = get(tab);
    await settle();
    await expect(tab.logIn("alice", "wrong")).rejects.toMatchObject({ code: "invalid_credentials" });
    expect(tab.state.kind).toBe("ended");
    await tab.logIn("alice", "right");
    expect((await request).status).toBe(200);
  });

  test("somebody else's login does not make the interrupted request in his name", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.endSession();
    const request = get(tab);
    await settle();
    browser.server.requests.length = 0;
    await tab.logIn("bob", "right");
    await expect(request).rejects.toBeInstanceOf(SessionEndedError);
    expect(browser.server.requests).toEqual(["POST /auth/login"]);
    expect(usernameOf(tab)).toBe("bob");
  });

  test("what one user has begun is not tried again in the name of the next", async () => {
    const tab = await browser.openTabOf("alice");
    const asAlice = fetchOf(tab);
    await tab.logOut();
    await tab.logIn("bob", "right");
    browser.server.requests.length = 0;
    const again = asAlice(new Request("http://api.test/follow", { method: "PUT" }));
    await expect(again).rejects.toBeInstanceOf(SessionEndedError);
    expect(browser.server.requests).toEqual([]);
  });

  test("giving up fails what waits, and nobody is logged in", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.endSession();
    const request = get(tab);
    await settle();
    tab.giveUp();
    await expect(request).rejects.toBeInstanceOf(SessionEndedError);
    expect(tab.state.kind).toBe("anonymous");
  });

  test("every tab asks, and a login in one of them is a login in all", async () => {
    const first = await browser.openTabOf("alice");
    const second = browser.openTab();
    await second.start();
    browser.server.endSession();
    const request = get(first);
    const other = get(second);
    await settle();
    expect([first.state.kind, second.state.kind]).toEqual(["ended", "ended"]);
    await second.logIn("alice", "right");
    expect([(await request).status, (await other).status]).toEqual([200, 200]);
    expect([usernameOf(first), usernameOf(second)]).toEqual(["alice", "alice"]);
  });
});

describe("several tabs", () => {
  test("that need a refresh at once cause one between them", async () => {
    const first = await browser.openTabOf("alice");
    const second = browser.openTab();
    await second.start();
    browser.server.requests.length = 0;
    browser.wait(295);
    await Promise.all([get(first), get(second)]);
    expect(browser.server.requests.filter((request) => request === "POST /auth/refresh")).toHaveLength(1);
  });

  test("are logged out together, and a refresh under way does not log in again", async () => {
    const first = await browser.openTabOf("alice");
    const second = browser.openTab();
    await second.start();
    browser.wait(295);
    const refreshing = get(second);
    await first.logOut();
    await Promise.allSettled([refreshing]);
    await settle();
    expect([first.state.kind, second.state.kind]).toEqual(["anonymous", "anonymous"]);
    expect([first.token, second.token]).toEqual([undefined, undefined]);
    await expect(get(second)).rejects.toBeInstanceOf(SessionEndedError);
  });

  test("follow a login of somebody else", async () => {
    const first = await browser.openTabOf("alice");
    const second = browser.openTab();
    await second.start();
    await first.logOut();
    await first.logIn("bob", "right");
    await settle();
    expect(usernameOf(second)).toBe("bob");
    expect(await (await get(second)).json()).toMatchObject({ username: "bob" });
  });

  test("that cannot take turns do not end the session that another one has begun meanwhile", async () => {
    browser.takesTurns = false;
    const first = await browser.openTabOf("alice");
    const second = browser.openTab();
    await second.start();
    browser.server.endSession();
    browser.wait(295);
    const hold = browser.server.hold("/auth/refresh");
    const late = get(second);
    await settle();
    await first.logIn("alice", "right");
    await settle();
    hold.release();
    expect((await late).status).toBe(200);
    expect([usernameOf(first), usernameOf(second)]).toEqual(["alice", "alice"]);
  });

  test("do not mind news that come late, of sessions that are over or another's", async () => {
    const tab = await browser.openTabOf("alice");
    const token = tab.token;
    browser.deliver({ kind: "ended", sessionId: "of somebody else" });
    browser.deliver({ kind: "logged-out", sessionId: "of somebody else" });
    expect(usernameOf(tab)).toBe("alice");
    await tab.logOut();
    if (token !== undefined) browser.deliver({ kind: "token", token });
    expect(tab.state.kind).toBe("anonymous");
  });

  test("keep the newer one of two tokens", async () => {
    const tab = await browser.openTabOf("alice");
    const older = tab.token;
    browser.wait(295);
    await get(tab);
    const newer = tab.token;
    if (older !== undefined) browser.deliver({ kind: "token", token: older });
    expect(tab.token).toBe(newer);
  });

  test("that have asked nothing hear that the session has ended, and drop its token", async () => {
    const first = await browser.openTabOf("alice");
    const second = browser.openTab();
    await second.start();
    browser.server.endSession();
    void get(first);
    await settle();
    expect(second.state.kind).toBe("ended");
    expect(second.token).toBeUndefined();
  });

  test("that cannot take turns still make one refresh each", async () => {
    browser.takesTurns = false;
    const tab = await browser.openTabOf("alice");
    browser.server.refuseTokens();
    await Promise.all([get(tab), get(tab), get(tab)]);
    expect(browser.server.requests.filter((request) => request === "POST /auth/refresh")).toHaveLength(1);
  });

  test("do not mind late news of a session that they have left behind", async () => {
    const first = await browser.openTabOf("alice");
    const second = browser.openTab();
    await second.start();
    browser.server.endSession();
    const ended = get(second);
    await settle();
    await first.logIn("alice", "right");
    await ended;
    expect([usernameOf(first), usernameOf(second)]).toEqual(["alice", "alice"]);
  });
});

describe("logging out", () => {
  test("ends the session at auth-server and forgets the token", async () => {
    const tab = await browser.openTabOf("alice");
    await tab.logOut();
    expect(tab.state.kind).toBe("anonymous");
    expect(tab.token).toBeUndefined();
    expect(browser.server.cookie).toBeUndefined();
  });

  test("is not pretended when auth-server cannot be reached", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.fail("/auth/logout", "no answer");
    await expect(tab.logOut()).rejects.toBeInstanceOf(UnreachableError);
    expect(usernameOf(tab)).toBe("alice");
  });

  test("is not pretended when auth-server cannot do it now", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.fail("/auth/logout", problem(503, "unavailable"));
    await expect(tab.logOut()).rejects.toMatchObject({ status: 503 });
    expect(usernameOf(tab)).toBe("alice");
  });

  test("of a session that is over already works", async () => {
    const tab = await browser.openTabOf("alice");
    browser.server.fail("/auth/logout", problem(401, "invalid_token"));
    await tab.logOut();
    expect(tab.state.kind).toBe("anonymous");
  });
});

describe("a session that was ended at the user's own wish", () => {
  test("is forgotten in every tab, also when the cookie cannot be cleared", async () => {
    const tab = await browser.openTabOf("alice");
    const other = browser.openTab();
    await other.start();
    browser.server.endSession();
    browser.server.fail("/auth/logout", "no answer");
    await tab.forgetEnded();
    await settle();
    expect([tab.state.kind, other.state.kind]).toEqual(["anonymous", "anonymous"]);
  });

  test("leaves no cookie when auth-server can be reached", async () => {
    const tab = await browser.openTabOf("alice");
    await tab.forgetEnded();
    expect(tab.state.kind).toBe("anonymous");
    expect(browser.server.cookie).toBeUndefined();
  });
});

test("a page from the back-forward cache asks again whose session it is", async () => {
  const tab = await browser.openTabOf("alice");
  browser.server.endSession();
  await tab.check();
  expect(tab.state.kind).toBe("ended");
});

test("a request that its page has given up is given up, and is no outage", async () => {
  const tab = await browser.openTabOf("alice");
  const abort = new AbortController();
  browser.server.fail("/timeline", "never");
  const request = get(tab, abort.signal);
  await settle();
  abort.abort();
  await expect(request).rejects.toMatchObject({ name: "AbortError" });
});
