import { useState } from "react";

import { take, useServers } from "../../../api/clients";
import { useUser } from "../../../session/react";
import { Button } from "../../../ui/button";
import { ConfirmDialog } from "../../../ui/dialog";
import { Paged, usePaged } from "../../../ui/paged";
import { SessionRow } from "../../../ui/session-row";
import { Card } from "../../../ui/surface";
import { useToast } from "../../../ui/toast";
import { adminKeys } from "../admin-keys";
import admin from "../admin.module.css";
import { useEndSessionsOf } from "./use-user";
import type { User } from "./users-table";

/** Where a user is logged in, and how to end all of that. */
export function SessionsCard({ user }: { user: User }) {
  const { auth } = useServers();
  const self = useUser();
  const say = useToast();
  const end = useEndSessionsOf(user.id);
  const [isAsking, setAsking] = useState(false);
  const query = usePaged(adminKeys.userSessions(user.id), (start, signal) =>
    take(auth.GET("/admin/users/{id}/sessions", { params: { path: { id: user.id }, query: start }, signal })),
  );
  const hasSome = (query.data?.pages[0]?.items.length ?? 0) > 0;
  return (
    <Card
      title="Sessions"
      actions={
        <Button small disabled={!hasSome} onClick={() => setAsking(true)}>
          End all
        </Button>
      }
    >
      <Paged query={query} empty={<p className={admin.muted}>Not logged in anywhere.</p>}>
        {(sessions) => (
          <ul>
            {sessions.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </ul>
        )}
      </Paged>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`End all sessions of ${user.username}?`}
        description={
          user.id === self.id
            ? "This is you: you are logged out here too, and can log in again."
            : "Services refuse the tokens within seconds. To keep the user out, disable the account instead."
        }
        action="End all sessions"
        isDangerous
        onConfirm={async () => {
          await end.mutateAsync();
          say(`The sessions of ${user.username} are over.`);
        }}
      />
    </Card>
  );
}
