import { Badge } from "../../ui/surface";
import styles from "./admin.module.css";

/** Roles or scopes, each in a badge; `admin` stands out. */
export function Names({ names, none }: { names: readonly string[]; none: string }) {
  if (names.length === 0) return <span className={styles.small}>{none}</span>;
  return (
    <span className={styles.badges}>
      {names.map((name) => (
        <Badge key={name} tone={name === "admin" ? "accent" : "neutral"}>
          {name}
        </Badge>
      ))}
    </span>
  );
}

/** Whether an account or a client may be used. */
export function ActiveBadge({ isActive }: { isActive: boolean }) {
  return isActive ? <Badge tone="success">Active</Badge> : <Badge tone="warning">Disabled</Badge>;
}
