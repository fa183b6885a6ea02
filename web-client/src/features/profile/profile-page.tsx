import { Navigate, useParams } from "react-router";

import { ApiError } from "../../api/errors";
import { useProfile } from "../../posts/profiles";
import { useUser } from "../../session/react";
import { Avatar, Card, Page } from "../../ui/surface";
import { Loaded } from "../../ui/trouble";
import { Follow } from "./follow";
import { People } from "./people";
import { ProfileTabs, isTab } from "./profile-tabs";
import { UnknownUser } from "./unknown-user";
import { UserPosts } from "./user-posts";

/** A user, as everybody sees him: posts, followers, and whom he follows. */
export function ProfilePage() {
  const { username = "", tab = "posts" } = useParams();
  const { username: self } = useUser();
  const query = useProfile(username);
  const { data: profile, error } = query;
  const name = profile?.username ?? username;

  if (!isTab(tab)) return <Navigate replace to={`/u/${encodeURIComponent(username)}`} />;
  if (error instanceof ApiError && error.code === "user_not_found")
    return <UnknownUser username={username} />;
  const isSelf = name.toLowerCase() === self.toLowerCase();
  return (
    <Page
      key={username}
      title={name}
      picture={<Avatar name={name} large />}
      lead={isSelf ? "This is you." : undefined}
      actions={profile !== undefined && !isSelf && <Follow profile={profile} />}
    >
      <Loaded query={query}>
        {(known) => (
          <Card flush>
            <ProfileTabs profile={known} />
            {tab === "posts" ? (
              <UserPosts username={known.username} isSelf={isSelf} />
            ) : (
              <People username={known.username} relation={tab} isSelf={isSelf} />
            )}
          </Card>
        )}
      </Loaded>
    </Page>
  );
}
