import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { take, useServers } from "../../api/clients";
import { Button } from "../../ui/button";
import { areMet, passwordRules } from "../../ui/credential-rules";
import { Dialog, DialogActions } from "../../ui/dialog";
import { PasswordField } from "../../ui/field";
import { PasswordWithStrength } from "../../ui/password-with-strength";
import { useSubmit } from "../../ui/submit";
import { useToast } from "../../ui/toast";
import { ErrorNotice } from "../../ui/trouble";
import { UsernameForManagers } from "../../ui/username-for-managers";
import styles from "./account.module.css";
import { SESSIONS_KEY } from "./sessions";

interface PasswordProps {
  onClose: () => void;
  user: { username: string; email: string | null };
}

/** Replaces the password. */
export function PasswordDialog({ isOpen, ...props }: PasswordProps & { isOpen: boolean }) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={props.onClose}
      keepsOpen
      title="Change password"
      description="You stay logged in here. Everywhere else, you have to log in again."
    >
      <PasswordForm {...props} />
    </Dialog>
  );
}

function PasswordForm({ onClose, user }: PasswordProps) {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  const say = useToast();
  const [current, setCurrent] = useState("");
  const [chosen, setChosen] = useState("");
  const { form, isBusy, error, faultOf } = useSubmit({
    check: () => ({
      ...(current === "" && { current_password: "is needed" }),
      ...(!areMet(passwordRules(chosen)) && { new_password: "is not yet as the rules below ask" }),
    }),
    action: async () => {
      const body = { current_password: current, new_password: chosen };
      await take(auth.PUT("/auth/user/password", { body }));
      onClose();
      say("Your password was changed, and your other sessions have ended.");
      await queryClient.invalidateQueries({ queryKey: SESSIONS_KEY });
    },
  });
  return (
    <form className={styles.form} {...form}>
      {error !== undefined && <ErrorNotice error={error} />}
      <UsernameForManagers username={user.username} />
      <PasswordField
        label="Current password"
        name="current_password"
        autoComplete="current-password"
        required
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
        error={faultOf("current_password", "The current password")}
      />
      <PasswordWithStrength
        label="New password"
        name="new_password"
        required
        value={chosen}
        onChange={setChosen}
        aboutTheUser={[user.username, user.email ?? ""]}
        error={faultOf("new_password", "The new password")}
      />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={isBusy}>
          Change password
        </Button>
      </DialogActions>
    </form>
  );
}
