import { UserPlus, UserRoundX } from "lucide-react";

import { ApiError } from "../../api/errors";
import { Button } from "../../ui/button";
import { Card, Empty, Page } from "../../ui/surface";
import { FollowTrouble } from "./follow-trouble";
import { useFollow } from "./use-follow";

/**
 * For a name that resource-api does not know. Its owner may have an account all the same and have never come here; to follow him is
 * what makes resource-api ask auth-server, and then there is a profile in place of this page.
 */
export function UnknownUser({ username }: { username: string }) {
  const follow = useFollow(username);
  const followAnyway = async () => {
    try {
      await follow.mutateAsync(true);
    } catch {
      return; // It is in `follow.error`.
    }
    // The button went with this page.
    document.querySelector<HTMLElement>("main h1")?.focus();
  };
  const isNobody = follow.error instanceof ApiError && follow.error.code === "user_not_found";
  return (
    <Page title={username} width="narrow">
      <Card>
        {isNobody ? (
          <Empty icon={UserRoundX} title="Nobody has this name">
            <p role="status">There is no account called {username}. It may have been mistyped, or deleted.</p>
          </Empty>
        ) : (
          <Empty icon={UserRoundX} title={`${username} has not been here yet`}>
            <p>
              If there is an account of this name, you can follow it already and see its posts once there are
              any.
            </p>
            <Button variant="primary" busy={follow.isPending} onClick={() => void followAnyway()}>
              <UserPlus aria-hidden />
              Follow
            </Button>
          </Empty>
        )}
        {follow.error !== null && !isNobody && (
          <FollowTrouble error={follow.error} onRetry={() => void followAnyway()} />
        )}
      </Card>
    </Page>
  );
}
