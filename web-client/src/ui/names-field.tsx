import { CircleAlert, Plus, X } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";

import field from "./field.module.css";
import styles from "./names-field.module.css";

interface NamesFieldProps {
  label: string;
  /** The name of the input, as the API calls the member. */
  name: string;
  values: readonly string[];
  onChange: (values: string[]) => void;
  /** Names that are often meant, offered while they are not among the values. */
  suggestions: readonly string[];
  hint?: ReactNode;
  error?: string | undefined;
}

/** Several short names, such as roles or scopes: each can be taken off, and others can be typed. */
export function NamesField({ label, name, values, onChange, suggestions, hint, error }: NamesFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");

  const add = (text: string) => {
    const added = text.split(/[\s,]+/).filter((one) => one !== "" && !values.includes(one));
    if (added.length > 0) onChange([...values, ...new Set(added)]);
    setTyped("");
  };
  const remove = (value: string) => {
    onChange(values.filter((one) => one !== value));
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (["Enter", ",", " "].includes(event.key) && typed.trim() !== "") {
      event.preventDefault();
      add(typed);
    } else if (event.key === "Backspace" && typed === "") {
      onChange(values.slice(0, -1));
    }
  };
  const described = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-error`].filter(
    Boolean,
  );
  return (
    <div className={field.field}>
      <label className={field.label} htmlFor={id}>
        {label}
      </label>
      <div className={styles.box}>
        {values.map((value) => (
          <span key={value} className={styles.name}>
            {value}
            <button type="button" aria-label={`Remove ${value}`} onClick={() => remove(value)}>
              <X aria-hidden />
            </button>
          </span>
        ))}
        <input
          ref={input}
          id={id}
          name={name}
          className={styles.input}
          value={typed}
          onChange={({ target }) => setTyped(target.value)}
          onKeyDown={onKeyDown}
          onBlur={() => add(typed)}
          placeholder="Add…"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          aria-invalid={error !== undefined}
          aria-describedby={described.join(" ") || undefined}
        />
      </div>
      <Suggestions names={suggestions.filter((one) => !values.includes(one))} onAdd={add} />
      {hint !== undefined && (
        <div id={`${id}-hint`} className={field.hint}>
          {hint}
        </div>
      )}
      {error !== undefined && (
        <div id={`${id}-error`} className={field.error}>
          <CircleAlert aria-hidden />
          {error}
        </div>
      )}
      <span role="status" className="visually-hidden">
        {values.length === 0 ? "None." : `${values.join(", ")}.`}
      </span>
    </div>
  );
}

function Suggestions({ names, onAdd }: { names: readonly string[]; onAdd: (name: string) => void }) {
  if (names.length === 0) return null;
  return (
    <div className={styles.suggestions}>
      {names.map((name) => (
        <button key={name} type="button" aria-label={`Add ${name}`} onClick={() => onAdd(name)}>
          <Plus aria-hidden />
          {name}
        </button>
      ))}
    </div>
  );
}
