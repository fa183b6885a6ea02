import { CircleHelp, Laptop, type LucideIcon, Smartphone, Terminal } from "lucide-react";

import { Button } from "../../ui/button";
import { type Device, deviceOf } from "../../ui/device";
import { Badge } from "../../ui/surface";
import { RelativeTime } from "../../ui/time";
import styles from "./account.module.css";
import type { UserSession } from "./sessions";

const ICONS: Record<Device["kind"], LucideIcon> = {
  computer: Laptop,
  phone: Smartphone,
  program: Terminal,
  unknown: CircleHelp,
};

/** One session: which device, from where, and when it was last used. */
export function SessionRow({ session, onEnd }: { session: UserSession; onEnd: () => void }) {
  const { name, kind } = deviceOf(session.user_agent);
  const Icon = ICONS[kind];
  return (
    <li className={styles.session}>
      <Icon aria-hidden />
      <div className={styles.about}>
        <p className={styles.device}>
          <span title={session.user_agent ?? undefined}>{name}</span>
          {session.current === true && <Badge tone="success">This device</Badge>}
        </p>
        <p className={styles.facts}>
          <span>
            Last used <RelativeTime at={session.last_used_at} />
          </span>
          <span>
            Logged in <RelativeTime at={session.created_at} />
          </span>
          {session.ip !== null && <span>From {session.ip}</span>}
        </p>
      </div>
      {session.current !== true && (
        <Button small onClick={onEnd} aria-label={`End the session of ${name}`}>
          End
        </Button>
      )}
    </li>
  );
}
