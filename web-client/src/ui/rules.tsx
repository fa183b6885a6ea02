import { Circle, CircleCheck } from "lucide-react";

import styles from "./rules.module.css";

/** One thing that is asked of an input, and whether it is so. */
export interface Rule {
  text: string;
  isMet: boolean;
}

/** What is asked of an input; each is ticked off as one types. */
export function Rules({ id, rules }: { id: string; rules: readonly Rule[] }) {
  return (
    <ul id={id} className={styles.rules}>
      {rules.map(({ text, isMet }) => {
        const Icon = isMet ? CircleCheck : Circle;
        return (
          <li key={text} className={isMet ? styles.met : undefined}>
            <Icon aria-hidden />
            {text}
            <span className="visually-hidden">{isMet ? " (done)" : " (not yet)"}</span>
          </li>
        );
      })}
    </ul>
  );
}
