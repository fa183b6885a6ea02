import { clsx } from "clsx";

import type { components } from "../../../api/auth-server.generated";
import { Copyable } from "../../../ui/copyable";
import { Badge, type Tone } from "../../../ui/surface";
import { RelativeTime, exactly } from "../../../ui/time";
import styles from "./keys.module.css";

type KeyState = components["schemas"]["KeyState"];

interface Key {
  id: string;
  state: KeyState;
  activates_at: string | null;
}

const STATES: Record<KeyState, { label: string; tone: Tone; since: string }> = {
  next: { label: "Next", tone: "accent", since: "Takes over" },
  active: { label: "In use", tone: "success", since: "Took over" },
  retired: { label: "Retired", tone: "neutral", since: "Was in use from" },
};

/** Keys in the order of time, the one to come first. */
export function KeyTimeline({ keys, what }: { keys: readonly Key[]; what: "key" | "secret" }) {
  return (
    <ol className={styles.timeline}>
      {keys.toReversed().map((key) => (
        <li key={key.id} className={clsx(styles.key, styles[key.state])}>
          <div className={styles.head}>
            <Badge tone={STATES[key.state].tone}>{STATES[key.state].label}</Badge>
            <Copyable
              text={key.id}
              short={shortened(key.id)}
              what={`id of the ${what} ${shortened(key.id)}`}
            />
          </div>
          <p className={styles.when}>
            {key.activates_at === null ? (
              "Takes over with the next rotation by hand"
            ) : (
              <>
                {STATES[key.state].since} <RelativeTime at={key.activates_at} />
                <span className={styles.exact}>{exactly(key.activates_at)}</span>
              </>
            )}
          </p>
        </li>
      ))}
    </ol>
  );
}

function shortened(id: string): string {
  return id.length <= 16 ? id : `${id.slice(0, 12)}…`;
}
