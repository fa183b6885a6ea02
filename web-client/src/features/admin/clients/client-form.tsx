import { useState } from "react";

import { Button } from "../../../ui/button";
import { DialogActions } from "../../../ui/dialog";
import { TextField } from "../../../ui/field";
import { NamesField } from "../../../ui/names-field";
import { useSubmit } from "../../../ui/submit";
import { ErrorNotice } from "../../../ui/trouble";
import styles from "../admin.module.css";
import { useKnownScopes } from "./use-clients";

interface ClientFormProps {
  /** What it is filled with at first. */
  name?: string;
  scopes?: readonly string[];
  /** The verb: `Add client`. */
  action: string;
  onSave: (client: { name: string; scopes: string[] }) => Promise<void>;
  onCancel: () => void;
}

/** Name and scopes of a client. */
export function ClientForm({
  name: first = "",
  scopes: granted = [],
  action,
  onSave,
  onCancel,
}: ClientFormProps) {
  const known = useKnownScopes();
  const [name, setName] = useState(first);
  const [scopes, setScopes] = useState([...granted]);
  const { form, isBusy, error, faultOf } = useSubmit({
    check: () => ({ ...(name.trim() === "" && { name: "is needed" }) }),
    action: () => onSave({ name: name.trim(), scopes }),
    faultsByCode: { client_name_taken: { name: "is that of another client" } },
  });
  return (
    <form className={styles.form} {...form}>
      {error !== undefined && <ErrorNotice error={error} />}
      <TextField
        label="Name"
        hint="By which people know the service: billing, night shift."
        name="name"
        autoComplete="off"
        required
        maxLength={64}
        value={name}
        onChange={({ target }) => setName(target.value)}
        error={faultOf("name", "The name")}
      />
      <NamesField
        label="Scopes"
        hint="All that the tokens of the service may allow. Without any it can only prove who it is."
        name="scopes"
        values={scopes}
        onChange={setScopes}
        suggestions={known}
        error={faultOf("scopes", "Scopes")}
      />
      <DialogActions>
        <Button onClick={onCancel}>Cancel</Button>
        <Button type="submit" variant="primary" busy={isBusy}>
          {action}
        </Button>
      </DialogActions>
    </form>
  );
}
