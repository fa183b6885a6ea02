import { X } from "lucide-react";

import { Button } from "../../../ui/button";
import { SelectField } from "../../../ui/select-field";
import styles from "./audit.module.css";
import { eventsByArea, type AuditEvent } from "./event-words";
import { type Filters, withoutFilter } from "./use-audit";

interface AuditFiltersProps {
  filters: Filters;
  onChange: (filters: Filters) => void;
  /** What is on show: it knows the names that go with the ids. */
  events: readonly AuditEvent[];
}

/** Narrows the trail, and tells by what it is narrowed. */
export function AuditFilters({ filters, onChange, events }: AuditFiltersProps) {
  const { event = "", actor, subject } = filters;
  return (
    <div className={styles.filters}>
      <SelectField
        label="Event"
        value={event}
        onChange={({ target }) => {
          const others = withoutFilter(filters, "event");
          onChange(target.value === "" ? others : { ...others, event: target.value });
        }}
      >
        <option value="">All events</option>
        {eventsByArea().map(({ area, events: inArea }) => (
          <optgroup key={area} label={area}>
            {inArea.map(([name, { words }]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </optgroup>
        ))}
      </SelectField>
      {actor !== undefined && (
        <Chip
          text={`Done by ${nameOf(actor, events)}`}
          onRemove={() => onChange(withoutFilter(filters, "actor"))}
        />
      )}
      {subject !== undefined && (
        <Chip
          text={`Happened to ${nameOf(subject, events)}`}
          onRemove={() => onChange(withoutFilter(filters, "subject"))}
        />
      )}
    </div>
  );
}

function Chip({ text, onRemove }: { text: string; onRemove: () => void }) {
  return (
    <Button onClick={onRemove} aria-label={`${text}: remove this filter`}>
      {text}
      <X aria-hidden />
    </Button>
  );
}

function nameOf(id: string, events: readonly AuditEvent[]): string {
  const parties = events.flatMap(({ actor, subject }) => [actor, subject]);
  return parties.find((party) => party?.id === id)?.name ?? `${id.slice(0, 12)}…`;
}
