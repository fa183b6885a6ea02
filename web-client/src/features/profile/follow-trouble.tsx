import { ApiError } from "../../api/errors";
import { Button } from "../../ui/button";
import { Notice } from "../../ui/surface";
import { ErrorNotice } from "../../ui/trouble";

/** Why somebody could not be followed, and what to do about it. */
export function FollowTrouble({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!(error instanceof ApiError) || error.code !== "directory_unavailable") {
    return <ErrorNotice error={error} onRetry={onRetry} />;
  }
  return (
    <Notice
      tone="danger"
      title="Nobody can say whether there is such a user"
      actions={
        <Button small onClick={onRetry}>
          Try again
        </Button>
      }
    >
      <p>auth-server, which knows the names, does not answer right now. Nothing was changed.</p>
    </Notice>
  );
}
