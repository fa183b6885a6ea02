import { CopyButton } from "./copy-button";
import styles from "./copyable.module.css";

interface CopyableProps {
  text: string;
  /** What it is: `client id`. */
  what: string;
  /** How it is shown, if not whole. */
  short?: string;
}

/** A text that is there for machines, such as an id, with a button that copies it. */
export function Copyable({ text, what, short = text }: CopyableProps) {
  return (
    <span className={styles.copyable}>
      <code title={short === text ? undefined : text}>{short}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}
