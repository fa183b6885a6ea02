import { clsx } from "clsx";

import { MOST_CHARACTERS } from "../../posts/content";
import styles from "./timeline.module.css";

/** From here on it is said how many characters are left. */
const CLOSE_TO_THE_END = 50;

/** How much room there is. It is read out only when it becomes scarce, not at every key. */
export function CharacterCount({ id, count }: { id: string; count: number }) {
  const left = MOST_CHARACTERS - count;
  return (
    <div className={styles.counter}>
      <span id={id} className={clsx(left < 0 && styles.tooLong)}>
        {left < 0 ? inWords(left) : `${count} / ${MOST_CHARACTERS}`}
        <span className="visually-hidden"> characters</span>
      </span>
      <span role="status" className="visually-hidden">
        {left <= CLOSE_TO_THE_END && (left % 10 === 0 || left < 0) ? inWords(left) : ""}
      </span>
    </div>
  );
}

function inWords(left: number): string {
  return left < 0 ? `${-left} too many` : `${left} left`;
}
