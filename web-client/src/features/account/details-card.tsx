import { type ReactNode, useState } from "react";

import { Button } from "../../ui/button";
import { Badge, Card } from "../../ui/surface";
import { RelativeTime } from "../../ui/time";
import { Loaded } from "../../ui/trouble";
import styles from "./account.module.css";
import { useAccount } from "./account-user";
import { EmailDialog } from "./email-dialog";
import { PasswordDialog } from "./password-dialog";

/** What is kept of the user, and how to change it. */
export function DetailsCard() {
  const account = useAccount();
  const [open, setOpen] = useState<"email" | "password">();
  const close = () => setOpen(undefined);
  return (
    <Card title="Details">
      <Loaded query={account}>
        {(user) => (
          <>
            <dl className={styles.details}>
              <Detail term="Username">{user.username}</Detail>
              <Detail term="E-mail" action={<Change what="e-mail" onClick={() => setOpen("email")} />}>
                {user.email ?? <span className={styles.none}>None</span>}
              </Detail>
              <Detail term="Password" action={<Change what="password" onClick={() => setOpen("password")} />}>
                <span aria-label="Hidden">••••••••</span>
              </Detail>
              <Detail term="Roles">
                <span className={styles.roles}>
                  {user.roles.map((role) => (
                    <Badge key={role} tone={role === "admin" ? "accent" : "neutral"}>
                      {role}
                    </Badge>
                  ))}
                </span>
              </Detail>
              <Detail term="Signed up">
                <RelativeTime at={user.created_at} />
              </Detail>
            </dl>
            <EmailDialog isOpen={open === "email"} onClose={close} user={user} />
            <PasswordDialog isOpen={open === "password"} onClose={close} user={user} />
          </>
        )}
      </Loaded>
    </Card>
  );
}

function Detail({ term, action, children }: { term: string; action?: ReactNode; children: ReactNode }) {
  return (
    <div className={styles.detail}>
      <dt>{term}</dt>
      <dd>{children}</dd>
      {action !== undefined && <dd className={styles.action}>{action}</dd>}
    </div>
  );
}

function Change({ what, onClick }: { what: string; onClick: () => void }) {
  return (
    <Button small onClick={onClick} aria-label={`Change ${what}`}>
      Change
    </Button>
  );
}
