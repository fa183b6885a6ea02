import { UserMinus, UserPlus } from "lucide-react";

import type { Profile } from "../../posts/profiles";
import { Button } from "../../ui/button";
import { FollowTrouble } from "./follow-trouble";
import styles from "./profile.module.css";
import { useFollow } from "./use-follow";

/** Follows the user, or follows him no more. */
export function Follow({ profile: { username, followed_by_me: isFollowed } }: { profile: Profile }) {
  const follow = useFollow(username);
  return (
    <>
      <Button variant={isFollowed ? "secondary" : "primary"} onClick={() => follow.mutate(!isFollowed)}>
        {isFollowed ? <UserMinus aria-hidden /> : <UserPlus aria-hidden />}
        {isFollowed ? "Unfollow" : "Follow"}
      </Button>
      <span role="status" className="visually-hidden">
        {follow.isSuccess && (isFollowed ? `You follow ${username}.` : `You no longer follow ${username}.`)}
      </span>
      {follow.error !== null && (
        <div className={styles.trouble}>
          <FollowTrouble error={follow.error} onRetry={() => follow.mutate(follow.variables)} />
        </div>
      )}
    </>
  );
}
