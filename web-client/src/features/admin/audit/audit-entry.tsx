import { clsx } from "clsx";
import { Filter } from "lucide-react";
import { Link } from "react-router";

import { IconButton } from "../../../ui/button";
import { Menu, type MenuAction } from "../../../ui/menu";
import { RelativeTime } from "../../../ui/time";
import styles from "./audit.module.css";
import { type AuditEvent, actorInWords, detailInWords, wordsFor } from "./event-words";
import type { Filters } from "./use-audit";

interface AuditEntryProps {
  entry: AuditEvent;
  /** Narrows the trail to what is like this entry. */
  onNarrow: (filter: Filters) => void;
}

/** One entry: what happened to whom, who did it, when and from where. */
export function AuditEntry({ entry, onNarrow }: AuditEntryProps) {
  const { words, icon: Icon, tone } = wordsFor(entry.event);
  return (
    <li className={styles.entry}>
      <span className={clsx(styles.icon, styles[tone])}>
        <Icon aria-hidden />
      </span>
      <div className={styles.body}>
        <p>
          <strong className={styles.words}>{words}</strong> <Parties entry={entry} />
        </p>
        <p className={styles.facts}>
          <RelativeTime at={entry.at} />
          {entry.ip !== null && <span>From {entry.ip}</span>}
          {entry.detail !== null && <span>{detailInWords(entry.detail)}</span>}
          {entry.request_id !== null && (
            <span>
              Request <code>{entry.request_id}</code>
            </span>
          )}
        </p>
      </div>
      <Menu
        label={`Narrow to entries like “${words}”`}
        trigger={
          <IconButton small label={`Narrow to entries like “${words}”`}>
            <Filter aria-hidden />
          </IconButton>
        }
        actions={narrowings(entry, onNarrow)}
      />
    </li>
  );
}

/** To whom it happened, and by whom if that is somebody else. */
function Parties({ entry: { actor, subject } }: { entry: AuditEvent }) {
  const isOwnDoing = subject !== null && actor.id === subject.id;
  return (
    <>
      {subject !== null && <Party id={subject.id} name={subject.name} isUser={isUserId(subject.id)} />}
      {!isOwnDoing && (
        <span className={styles.by}>
          {" by "}
          {actor.type === "user" && actor.id !== null ? (
            <Party id={actor.id} name={actor.name} isUser />
          ) : (
            actorInWords(actor)
          )}
        </span>
      )}
    </>
  );
}

function Party({ id, name, isUser }: { id: string; name: string | null; isUser: boolean }) {
  const text = name ?? <code title={id}>{id.length > 16 ? `${id.slice(0, 12)}…` : id}</code>;
  return isUser ? <Link to={`/admin/users/${id}`}>{text}</Link> : <span>{text}</span>;
}

/** Users have UUIDs; clients and keys have ids of other forms. */
function isUserId(id: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id);
}

function narrowings(
  { event, actor, subject }: AuditEvent,
  onNarrow: (filter: Filters) => void,
): MenuAction[] {
  const actions = [{ label: "Only this event", icon: Filter, onSelect: () => onNarrow({ event }) }];
  const { id } = actor;
  if (id !== null) {
    const label = `Only what ${actor.name ?? "the same"} did`;
    actions.push({ label, icon: Filter, onSelect: () => onNarrow({ actor: id }) });
  }
  if (subject !== null) {
    const label = `Only what happened to ${subject.name ?? "the same"}`;
    actions.push({ label, icon: Filter, onSelect: () => onNarrow({ subject: subject.id }) });
  }
  return actions;
}
