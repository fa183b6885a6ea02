import { useEffect, useState } from "react";

import type { Strength } from "./guesser";
import styles from "./password-strength.module.css";

const LABELS = ["Very weak", "Weak", "Fair", "Good", "Strong"] as const;
/** A pause in typing that is long enough to think in. */
const PAUSE = 250;

/**
 * How hard a password is to guess; `undefined` until that is known. What it takes to tell is loaded when it is needed; if that cannot
 * be had, nothing is told, and auth-server judges alone.
 */
export function usePasswordStrength(password: string, aboutTheUser: readonly string[]): Strength | undefined {
  const [known, setKnown] = useState<{ password: string; strength: Strength }>();
  const about = aboutTheUser.join("\n");
  useEffect(() => {
    if (password === "") return;
    let isCurrent = true;
    const judge = async () => {
      const { estimate } = await import("./guesser");
      if (isCurrent) setKnown({ password, strength: estimate(password, about.split("\n")) });
    };
    const timer = setTimeout(() => void judge().catch(() => undefined), PAUSE);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [password, about]);
  // While one types, the last verdict stands: a meter that blinks tells nobody anything.
  return password === "" ? undefined : known?.strength;
}

/** A bar in four parts, the verdict in a word, and what would help. */
export function StrengthMeter({ strength }: { strength: Strength | undefined }) {
  const score = strength?.score ?? 0;
  const label = strength === undefined ? "" : LABELS[score];
  return (
    <div className={styles.strength} data-score={strength?.score}>
      <div
        role="meter"
        aria-label="Password strength"
        aria-valuemin={0}
        aria-valuemax={4}
        aria-valuenow={score}
        aria-valuetext={label === "" ? "Not known yet" : label}
        className={styles.bar}
      >
        {LABELS.slice(1).map((part, index) => (
          <span key={part} className={index < score ? styles.filled : undefined} />
        ))}
      </div>
      <p role="status" className={styles.verdict}>
        {label !== "" && <strong>{label}</strong>} {strength?.advice}
      </p>
    </div>
  );
}
