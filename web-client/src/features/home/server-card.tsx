import type { LucideIcon } from "lucide-react";

import { Badge } from "../../ui/surface";
import type { Health } from "./health";
import styles from "./picture.module.css";

interface ServerCardProps {
  name: string;
  /** What it does, in two words. */
  task: string;
  icon: LucideIcon;
  origin: string;
  health: Health | undefined;
}

/** A server in the picture, and how it is. */
export function ServerCard({ name, task, icon: Icon, origin, health }: ServerCardProps) {
  return (
    <section className={styles.server} aria-label={name}>
      <Icon aria-hidden />
      <h2>{name}</h2>
      <p>{task}</p>
      <p className={styles.host}>{new URL(origin).host}</p>
      <p className={styles.health}>
        <span role="status">
          <State health={health} />
        </span>
        {health?.kind === "up" && <span>{health.milliseconds} ms</span>}
        {health?.kind === "not-ready" && <span>{health.why}</span>}
      </p>
    </section>
  );
}

function State({ health }: { health: Health | undefined }) {
  switch (health?.kind) {
    case undefined:
      return <Badge>Asking…</Badge>;
    case "up":
      return <Badge tone="success">Up</Badge>;
    case "not-ready":
      return <Badge tone="warning">Not ready</Badge>;
    case "unreachable":
      return <Badge tone="danger">Not reachable</Badge>;
  }
}
