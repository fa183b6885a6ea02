import { Link } from "react-router";

import styles from "./user-link.module.css";

/** What both lists and posts show in place of a user whose account is no more. */
export const DELETED_USER = "[deleted]";

/** A user's name, which leads to the profile. An account that is no more has none. */
export function UserLink({ name }: { name: string }) {
  if (name === DELETED_USER) return <span className={styles.deleted}>Deleted account</span>;
  return (
    <Link to={`/u/${encodeURIComponent(name)}`} className={styles.link}>
      {name}
    </Link>
  );
}
