import { clsx } from "clsx";
import { CircleAlert, Eye, EyeOff } from "lucide-react";
import { type ComponentProps, type ReactNode, useId, useState } from "react";

import { IconButton } from "./button";
import styles from "./field.module.css";

interface FieldProps extends Omit<ComponentProps<"input">, "className" | "id"> {
  label: string;
  /** What is expected, before anything is wrong. */
  hint?: ReactNode;
  /** What is wrong with it. */
  error?: string | undefined;
  /** Stands inside, at the end. */
  trailing?: ReactNode;
}

/** A labelled line of text. Its error is read with it (WCAG 3.3.1). */
export function TextField({ label, hint, error, trailing, ...props }: FieldProps) {
  const id = useId();
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(
    Boolean,
  );
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      <div className={styles.control}>
        <input
          {...props}
          id={id}
          className={clsx(styles.input, trailing !== undefined && styles.withTrailing)}
          aria-invalid={error !== undefined}
          aria-describedby={[props["aria-describedby"], ...described].filter(Boolean).join(" ") || undefined}
        />
        {trailing !== undefined && <div className={styles.trailing}>{trailing}</div>}
      </div>
      {hint !== undefined && (
        <div id={`${id}-hint`} className={styles.hint}>
          {hint}
        </div>
      )}
      {error !== undefined && (
        <div id={`${id}-error`} className={styles.error}>
          <CircleAlert aria-hidden />
          {error}
        </div>
      )}
    </div>
  );
}

/** A password, which can be shown. `autoComplete` tells password managers which one it is. */
export function PasswordField({
  autoComplete,
  ...props
}: Omit<FieldProps, "type" | "trailing" | "autoComplete"> & {
  autoComplete: "current-password" | "new-password";
}) {
  const [isShown, setShown] = useState(false);
  return (
    <TextField
      {...props}
      type={isShown ? "text" : "password"}
      autoComplete={autoComplete}
      autoCapitalize="none"
      spellCheck={false}
      trailing={
        <IconButton label={isShown ? "Hide password" : "Show password"} onClick={() => setShown(!isShown)}>
          {isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />}
        </IconButton>
      }
    />
  );
}
