import { Link } from "react-router";

import { useProfile } from "../../posts/profiles";
import { useUser } from "../../session/react";
import { Avatar, Skeleton } from "../../ui/surface";
import { UserLink } from "../../ui/user-link";
import styles from "./timeline.module.css";

/** Who is reading, with the way to his posts and people. It is an extra: what cannot be loaded is left out. */
export function OwnSummary() {
  const { username } = useUser();
  const { data } = useProfile(username);
  const counts = [
    { label: "Posts", to: `/u/${username}`, count: data?.posts },
    { label: "Followers", to: `/u/${username}/followers`, count: data?.followers },
    { label: "Following", to: `/u/${username}/following`, count: data?.following },
  ];
  return (
    <div className={styles.summary}>
      <div className={styles.self}>
        <Avatar name={username} />
        <UserLink name={username} />
      </div>
      <ul className={styles.counts}>
        {counts.map(({ label, to, count }) => (
          <li key={label}>
            <Link to={to} className={styles.count}>
              <strong>{count ?? <Skeleton width="2ch" />}</strong>
              <span>{label}</span>
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
