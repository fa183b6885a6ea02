import { UserRoundX } from "lucide-react";
import { Link, useParams } from "react-router";

import { ApiError } from "../../api/errors";
import { useUser } from "../../session/react";
import { LinkButton } from "../../ui/button";
import { Copyable } from "../../ui/copyable";
import { Fact, Facts } from "../../ui/facts";
import { Avatar, Badge, Card, Empty, Page } from "../../ui/surface";
import { RelativeTime } from "../../ui/time";
import { Loaded } from "../../ui/trouble";
import { ActiveBadge } from "./badges";
import { AccessCard } from "./users/access-card";
import { RolesCard } from "./users/roles-card";
import { SessionsCard } from "./users/sessions-card";
import { useAccountOf } from "./users/use-user";
import styles from "./users/users.module.css";
import type { User } from "./users/users-table";

/** One account: what there is to know of it, and what can be done with it. */
export function UserPage() {
  const { id = "" } = useParams();
  const query = useAccountOf(id);
  if (query.error instanceof ApiError && query.error.code === "user_not_found") return <NoSuchUser />;
  const name = query.data?.username;
  return (
    <Page
      key={id}
      title={name ?? "User"}
      width="wide"
      picture={name !== undefined && <Avatar name={name} large />}
      lead={<Link to="/admin">All users</Link>}
    >
      <Loaded query={query}>
        {(user) => (
          <div className={styles.columns}>
            <div className={styles.column}>
              <DetailsCard user={user} />
              <RolesCard user={user} />
            </div>
            <div className={styles.column}>
              <AccessCard user={user} />
              <SessionsCard user={user} />
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function DetailsCard({ user }: { user: User }) {
  const self = useUser();
  return (
    <Card title="Details">
      <Facts>
        <Fact term="Username">
          {user.username}
          {user.id === self.id && <Badge tone="accent">You</Badge>}
        </Fact>
        <Fact term="E-mail">{user.email ?? "None"}</Fact>
        <Fact term="State">
          <ActiveBadge isActive={user.is_active} />
        </Fact>
        <Fact term="Created">
          <RelativeTime at={user.created_at} />
        </Fact>
        <Fact term="Id">
          <Copyable text={user.id} what="user id" />
        </Fact>
        <Fact term="More">
          <Link to={`/u/${encodeURIComponent(user.username)}`}>Profile</Link>
          <Link to={`/admin/audit?subject=${user.id}`}>What happened to the account</Link>
          <Link to={`/admin/audit?actor=${user.id}`}>What the user did</Link>
        </Fact>
      </Facts>
    </Card>
  );
}

function NoSuchUser() {
  return (
    <Page title="No such user" width="wide">
      <Card>
        <Empty icon={UserRoundX} title="There is no account with this id">
          <p>It may have been deleted.</p>
          <LinkButton to="/admin">All users</LinkButton>
        </Empty>
      </Card>
    </Page>
  );
}
