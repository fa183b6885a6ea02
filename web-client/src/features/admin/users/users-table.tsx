import { Link } from "react-router";

import type { components } from "../../../api/auth-server.generated";
import { Avatar } from "../../../ui/surface";
import { Table } from "../../../ui/table";
import { RelativeTime } from "../../../ui/time";
import { ActiveBadge, Names } from "../badges";
import styles from "./users.module.css";

/** An account, as administrators see it. */
export type User = components["schemas"]["User"];

/** Accounts, each with the way to its page. */
export function UsersTable({ users }: { users: readonly User[] }) {
  return (
    <Table
      label="Users"
      rows={users}
      keyOf={(user) => user.id}
      columns={[
        { label: "User", cell: (user) => <Identity user={user} /> },
        { label: "Roles", cell: (user) => <Names names={user.roles} none="None" /> },
        { label: "State", cell: (user) => <ActiveBadge isActive={user.is_active} /> },
        { label: "Created", cell: (user) => <RelativeTime at={user.created_at} /> },
      ]}
    />
  );
}

function Identity({ user }: { user: User }) {
  return (
    <div className={styles.identity}>
      <Avatar name={user.username} />
      <div>
        <Link to={`/admin/users/${user.id}`} className={styles.name}>
          {user.username}
        </Link>
        {user.email !== null && <p className={styles.email}>{user.email}</p>}
      </div>
    </div>
  );
}
