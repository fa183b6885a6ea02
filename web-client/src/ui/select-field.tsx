import { clsx } from "clsx";
import { ChevronDown } from "lucide-react";
import { type ComponentProps, useId } from "react";

import field from "./field.module.css";
import styles from "./select-field.module.css";

/** A labelled choice of one among many; its children are `<option>`s and `<optgroup>`s. */
export function SelectField({
  label,
  ...props
}: Omit<ComponentProps<"select">, "className" | "id"> & { label: string }) {
  const id = useId();
  return (
    <div className={field.field}>
      <label className={field.label} htmlFor={id}>
        {label}
      </label>
      <div className={field.control}>
        <select {...props} id={id} className={clsx(field.input, styles.select)} />
        <ChevronDown className={styles.arrow} aria-hidden />
      </div>
    </div>
  );
}
