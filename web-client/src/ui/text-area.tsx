import { clsx } from "clsx";
import { CircleAlert } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";

import field from "./field.module.css";
import styles from "./text-area.module.css";

interface TextAreaProps extends Omit<ComponentProps<"textarea">, "className" | "id" | "value"> {
  label: string;
  value: string;
  /** The label is read out, but not shown: the placeholder says as much. */
  hidesLabel?: boolean;
  /** What is wrong with it. */
  error?: string | undefined;
  /** Stands below, at the end: a counter. */
  aside?: ReactNode;
}

/** A labelled text of several lines, as high as the text. */
export function TextArea({ label, value, hidesLabel = false, error, aside, ...props }: TextAreaProps) {
  const id = useId();
  const describedBy = [props["aria-describedby"], error !== undefined && `${id}-error`]
    .filter(Boolean)
    .join(" ");
  return (
    <div className={field.field}>
      <label className={hidesLabel ? "visually-hidden" : field.label} htmlFor={id}>
        {label}
      </label>
      {/* The same text, unseen, in the same cell of the grid makes the field as high as it is. */}
      <div className={styles.grow} data-text={value}>
        <textarea
          rows={2}
          {...props}
          id={id}
          value={value}
          className={clsx(field.input, styles.text)}
          aria-invalid={error !== undefined}
          aria-describedby={describedBy || undefined}
        />
      </div>
      {error !== undefined && (
        <div id={`${id}-error`} className={field.error}>
          <CircleAlert aria-hidden />
          {error}
        </div>
      )}
      {aside}
    </div>
  );
}
