import { CircleHelp, Laptop, type LucideIcon, Smartphone, Terminal } from "lucide-react";

import type { components } from "../api/auth-server.generated";
import { Button } from "./button";
import { type Device, deviceOf } from "./device";
import styles from "./session-row.module.css";
import { Badge } from "./surface";
import { RelativeTime } from "./time";

const ICONS: Record<Device["kind"], LucideIcon> = {
  computer: Laptop,
  phone: Smartphone,
  program: Terminal,
  unknown: CircleHelp,
};

interface SessionRowProps {
  session: components["schemas"]["Session"];
  /** Ends it; without this, and for the session that one is in, there is no button for that. */
  onEnd?: () => void;
}

/** One session, as an item of a list: which device, from where, and when it was last used. */
export function SessionRow({ session, onEnd }: SessionRowProps) {
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
      {onEnd !== undefined && session.current !== true && (
        <Button small onClick={onEnd} aria-label={`End the session of ${name}`}>
          End
        </Button>
      )}
    </li>
  );
}
