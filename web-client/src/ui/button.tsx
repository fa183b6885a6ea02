import { clsx } from "clsx";
import { LoaderCircle } from "lucide-react";
import type { ComponentProps } from "react";
import { Link } from "react-router";

import styles from "./button.module.css";

interface Look {
  /** How much it asks to be pressed; `primary` once a page at the most. */
  variant?: "primary" | "secondary" | "quiet" | "danger";
  small?: boolean;
  /** As wide as what it stands in. */
  wide?: boolean;
}

type ButtonProps = Look &
  Omit<ComponentProps<"button">, "disabled" | "className"> & {
    /** What it does is under way: it stays where the keyboard is, and does nothing more. */
    busy?: boolean;
    disabled?: boolean;
  };

/** A button. Disabled, it still takes the focus, so that nobody's keyboard is lost while something is under way. */
export function Button({
  variant,
  small,
  wide,
  busy = false,
  disabled = false,
  children,
  ...props
}: ButtonProps) {
  const isOff = busy || disabled;
  return (
    <button
      type="button"
      {...props}
      className={look({ variant, small, wide })}
      aria-disabled={isOff}
      aria-busy={busy}
      onClick={(event) => {
        if (isOff) event.preventDefault();
        else props.onClick?.(event);
      }}
    >
      {busy && <LoaderCircle className={styles.spinner} aria-hidden />}
      {children}
    </button>
  );
}

/** A button that is an icon; `label` is its name. */
export function IconButton({
  label,
  variant,
  small,
  children,
  ...props
}: Omit<ButtonProps, "wide"> & { label: string }) {
  const { busy = false, disabled = false, ...rest } = props;
  return (
    <button
      type="button"
      {...rest}
      className={clsx(look({ variant: variant ?? "quiet", small }), styles.icon)}
      aria-label={label}
      title={label}
      aria-disabled={busy || disabled}
      aria-busy={busy}
      onClick={(event) => {
        if (busy || disabled) event.preventDefault();
        else rest.onClick?.(event);
      }}
    >
      {busy ? <LoaderCircle className={styles.spinner} aria-hidden /> : children}
    </button>
  );
}

/** A link that looks like a button. */
export function LinkButton({
  variant,
  small,
  wide,
  ...props
}: { [Name in keyof Look]?: Look[Name] | undefined } & Omit<ComponentProps<typeof Link>, "className">) {
  return <Link {...props} className={look({ variant, small, wide })} />;
}

function look({
  variant = "secondary",
  small,
  wide,
}: { [Name in keyof Look]: Look[Name] | undefined }): string {
  return clsx(styles.button, styles[variant], small && styles.small, wide && styles.wide);
}
