import { type SubmitEvent, type SyntheticEvent, useRef, useState } from "react";
import { flushSync } from "react-dom";

import { ApiError } from "../api/errors";

/** What is wrong, by the name of the input. Written to follow the input's label: `is too short`. */
export type Faults = Readonly<Record<string, string>>;

interface Submission {
  /** What can be told before the server is asked. */
  check?: () => Faults;
  /** Asks the server. Inputs have the names that the API gives them, so that its faults are told at the right one. */
  action: () => Promise<void>;
  /** The faults that an error means of which the API names no member: `{ username_taken: { username: "is taken" } }`. */
  faultsByCode?: Readonly<Record<string, Faults>>;
}

/**
 * A form that is sent once at a time, and keeps what was typed whatever happens. Faults are told at the inputs, and the first of them
 * gets the focus; any other error is in `error`.
 */
export function useSubmit({ check, action, faultsByCode = {} }: Submission) {
  const form = useRef<HTMLFormElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [faults, setFaults] = useState<Faults>({});
  const [error, setError] = useState<unknown>();

  const tell = (found: Faults) => {
    // The inputs must be marked before the first one that is can be found.
    flushSync(() => setFaults(found));
    form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  };
  const send = async () => {
    setBusy(true);
    try {
      await action();
    } catch (failure) {
      const found = faultsIn(failure, faultsByCode);
      const hasInput = Object.keys(found).some((name) => form.current?.elements.namedItem(name) != null);
      if (hasInput) tell(found);
      else setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    if (isBusy) return;
    setError(undefined);
    const found = check?.() ?? {};
    if (Object.keys(found).length > 0) tell(found);
    else {
      setFaults({});
      void send();
    }
  };
  const onInput = ({ target }: SyntheticEvent) => {
    if (!(target instanceof HTMLInputElement) || !(target.name in faults)) return;
    setFaults(Object.fromEntries(Object.entries(faults).filter(([name]) => name !== target.name)));
  };
  return {
    isBusy,
    error,
    /** For the `<form>`. */
    form: { ref: form, onSubmit, onInput, noValidate: true },
    /** The fault of an input as a sentence, which begins with its label. */
    faultOf: (name: string, label: string) =>
      name in faults ? `${label} ${faults[name] ?? ""}.` : undefined,
  };
}

function faultsIn(error: unknown, faultsByCode: Readonly<Record<string, Faults>>): Faults {
  if (!(error instanceof ApiError)) return {};
  return faultsByCode[error.code] ?? error.details.fields ?? {};
}
