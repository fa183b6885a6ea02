import { NavLink } from "react-router";

import type { Profile } from "../../posts/profiles";
import styles from "./profile.module.css";

const LABELS = { posts: "Posts", followers: "Followers", following: "Following" } as const;

/** What can be shown of a user. */
export type Tab = keyof typeof LABELS;

/** Whether an address names one of them. */
export function isTab(text: string): text is Tab {
  return Object.hasOwn(LABELS, text);
}

const TABS: readonly Tab[] = ["posts", "followers", "following"];

/** The ways to what there is of a user, each with how much that is. */
export function ProfileTabs({ profile }: { profile: Profile }) {
  const home = `/u/${encodeURIComponent(profile.username)}`;
  return (
    <nav aria-label={`Profile of ${profile.username}`} className={styles.tabs}>
      {TABS.map((tab) => (
        <NavLink
          key={tab}
          to={tab === "posts" ? home : `${home}/${tab}`}
          end
          preventScrollReset
          className={styles.tab ?? ""}
        >
          {LABELS[tab]}
          <span className={styles.count}>{profile[tab].toLocaleString("en")}</span>
        </NavLink>
      ))}
    </nav>
  );
}
