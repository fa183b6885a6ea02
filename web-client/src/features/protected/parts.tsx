import { ChevronRight } from "lucide-react";

import { exactly } from "../../ui/time";
import type { Meaning } from "./meanings";
import styles from "./protected.module.css";

interface PartsProps {
  parts: Record<string, unknown>;
  meanings: Readonly<Record<string, Meaning>>;
}

/** The members of a header or of claims, line by line; a line opens to what it means. */
export function Parts({ parts, meanings }: PartsProps) {
  return (
    <ul className={styles.parts}>
      {Object.entries(parts).map(([name, value]) => (
        <li key={name}>
          <details>
            <summary>
              <ChevronRight aria-hidden />
              <code>{name}</code>
              <span className={styles.value}>{inWords(name, value)}</span>
            </summary>
            <Explanation meaning={meanings[name]} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function Explanation({ meaning }: { meaning: Meaning | undefined }) {
  if (meaning === undefined)
    return <p className={styles.meaning}>No standard that we know tells of this one.</p>;
  return (
    <p className={styles.meaning}>
      {meaning.text}{" "}
      <a href={meaning.url} target="_blank" rel="noreferrer">
        {meaning.source}
      </a>
    </p>
  );
}

function inWords(name: string, value: unknown): string {
  if (typeof value === "number" && ["iat", "exp", "auth_time", "nbf"].includes(name))
    return exactly(value * 1000);
  if (Array.isArray(value)) return value.map(String).join(", ");
  return typeof value === "string" ? value : JSON.stringify(value);
}
