import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { take, useServers } from "../../api/clients";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { PasswordField, TextField } from "../../ui/field";
import { useSubmit } from "../../ui/submit";
import { useToast } from "../../ui/toast";
import { ErrorNotice } from "../../ui/trouble";
import { UsernameForManagers } from "../../ui/username-for-managers";
import styles from "./account.module.css";
import { ACCOUNT_KEY } from "./account-user";

interface EmailProps {
  onClose: () => void;
  user: { username: string; email: string | null };
}

/** Sets or removes the e-mail address. */
export function EmailDialog({ isOpen, ...props }: EmailProps & { isOpen: boolean }) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={props.onClose}
      keepsOpen
      title="Change e-mail"
      description="Leave the address empty to remove it."
    >
      <EmailForm {...props} />
    </Dialog>
  );
}

function EmailForm({ onClose, user }: EmailProps) {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  const say = useToast();
  const [email, setEmail] = useState(user.email ?? "");
  const [password, setPassword] = useState("");
  const { form, isBusy, error, faultOf } = useSubmit({
    check: () => ({ ...(password === "" && { current_password: "is needed" }) }),
    action: async () => {
      const body = { email: email.trim() === "" ? null : email.trim(), current_password: password };
      const changed = await take(auth.PATCH("/auth/user", { body }));
      queryClient.setQueryData(ACCOUNT_KEY, changed);
      onClose();
      say(changed.email === null ? "Your e-mail address was removed." : "Your e-mail address was changed.");
    },
  });
  return (
    <form className={styles.form} {...form}>
      {error !== undefined && <ErrorNotice error={error} />}
      <UsernameForManagers username={user.username} />
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={faultOf("email", "This")}
      />
      <PasswordField
        label="Your password"
        hint="So that nobody else can change it from an open page."
        name="current_password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={faultOf("current_password", "The password")}
      />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={isBusy}>
          Save
        </Button>
      </DialogActions>
    </form>
  );
}
