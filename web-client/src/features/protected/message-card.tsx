import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";

import { take, useServers } from "../../api/clients";
import { Button } from "../../ui/button";
import { Card } from "../../ui/surface";
import { RelativeTime } from "../../ui/time";
import { ErrorNotice, Loaded } from "../../ui/trouble";
import styles from "./protected.module.css";

/** So often it is asked again that a session which was ended elsewhere is soon seen. */
const EVERY = 15_000;

/** What resource-api says to those whose token is good. */
export function MessageCard() {
  const { api } = useServers();
  const message = useQuery({
    queryKey: ["api", "protected"],
    queryFn: ({ signal }) => take(api.GET("/api/protected", { signal })),
    refetchInterval: EVERY,
  });
  return (
    <Card
      title="resource-api says"
      actions={
        <Button small busy={message.isFetching} onClick={() => void message.refetch()}>
          {!message.isFetching && <RotateCw aria-hidden />}
          Ask again
        </Button>
      }
    >
      <Loaded query={message}>
        {(data) => (
          <>
            <p role="status" className={styles.message}>
              {data.message}
            </p>
            <p className={styles.note}>
              Asked <RelativeTime at={new Date(message.dataUpdatedAt).toISOString()} />. It asks nobody about
              you: your token is enough.
            </p>
            {message.error !== null && <ErrorNotice error={message.error} />}
          </>
        )}
      </Loaded>
    </Card>
  );
}
