/** The tabs of one browser share a session: its cookie is the same for all. Here they take turns and tell each other. */

import type { AccessToken } from "./access-token";

/** What one tab tells the others. It never leaves the browser's memory. */
export type News =
  /** There is a new access token: a login, or a refresh. */
  | { kind: "token"; token: AccessToken }
  /** The user has logged out of this session. */
  | { kind: "logged-out"; sessionId: string }
  /** auth-server has said that this session is over. */
  | { kind: "ended"; sessionId: string };

/** The other tabs of this origin. */
export interface Tabs {
  /** Does this while no other tab does its own. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  tell(news: News): void;
  listen(listener: (news: News) => void): void;
}

const NAME = "latchkey-session";

/**
 * The real ones. Without the Web Locks API, which exists in secure contexts alone, nobody takes turns: auth-server answers
 * refreshes that come together with the same token, so that turns only save requests.
 */
export function browserTabs(): Tabs {
  const channel = new BroadcastChannel(NAME);
  const locks = (navigator as Partial<Navigator>).locks;
  return {
    inTurn: (work) => (locks === undefined ? work() : (locks.request(NAME, work) as ReturnType<typeof work>)),
    tell: (news) => channel.postMessage(news),
    listen: (listener) => {
      channel.addEventListener("message", (event: MessageEvent<News>) => listener(event.data));
    },
  };
}
