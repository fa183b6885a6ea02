import { LogOut, MonitorSmartphone } from "lucide-react";
import { useRef, useState } from "react";

import { Button } from "../../ui/button";
import { deviceOf } from "../../ui/device";
import { ConfirmDialog } from "../../ui/dialog";
import { Paged } from "../../ui/paged";
import { SessionRow } from "../../ui/session-row";
import { Card, Empty } from "../../ui/surface";
import { useToast } from "../../ui/toast";
import styles from "./account.module.css";
import { LogOutEverywhereDialog } from "./log-out-everywhere-dialog";
import { type UserSession, useEndSession, useSessions } from "./sessions";

/** Where the user is logged in, and how to end that. */
export function SessionsCard() {
  const sessions = useSessions();
  const end = useEndSession();
  const say = useToast();
  const list = useRef<HTMLUListElement>(null);
  const [ending, setEnding] = useState<UserSession>();
  const [isLoggingOut, setLoggingOut] = useState(false);
  const device = deviceOf(ending?.user_agent ?? null).name;
  return (
    <Card
      title="Where you are logged in"
      actions={
        <Button small onClick={() => setLoggingOut(true)}>
          <LogOut aria-hidden />
          Log out everywhere
        </Button>
      }
    >
      <Paged query={sessions} empty={<Empty icon={MonitorSmartphone} title="There is no session" />}>
        {(items) => (
          <ul ref={list} className={styles.sessions} tabIndex={-1} aria-label="Sessions">
            {items.map((session) => (
              <SessionRow key={session.id} session={session} onEnd={() => setEnding(session)} />
            ))}
          </ul>
        )}
      </Paged>
      <ConfirmDialog
        isOpen={ending !== undefined}
        onClose={() => setEnding(undefined)}
        title="End this session?"
        description={`${device} is logged out within seconds. Whoever uses it has to log in again.`}
        action="End session"
        finalFocus={() => list.current}
        onConfirm={async () => {
          if (ending === undefined) return;
          await end.mutateAsync(ending.id);
          say("The session has ended.");
        }}
      />
      <LogOutEverywhereDialog isOpen={isLoggingOut} onClose={() => setLoggingOut(false)} />
    </Card>
  );
}
