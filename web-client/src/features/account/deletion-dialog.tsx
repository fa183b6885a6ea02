import { useState } from "react";
import { useNavigate } from "react-router";

import { take, useServers } from "../../api/clients";
import { useSession, useUser } from "../../session/react";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { PasswordField, TextField } from "../../ui/field";
import { useSubmit } from "../../ui/submit";
import { useToast } from "../../ui/toast";
import { ErrorNotice } from "../../ui/trouble";
import styles from "./account.module.css";

/** Deletes the account of whoever types his name and his password. */
export function DeletionDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      keepsOpen
      title="Delete your account?"
      description="This is at once and for good."
    >
      <DeletionForm onClose={onClose} />
    </Dialog>
  );
}

function DeletionForm({ onClose }: { onClose: () => void }) {
  const { auth } = useServers();
  const { username } = useUser();
  const session = useSession();
  const navigate = useNavigate();
  const say = useToast();
  const [typed, setTyped] = useState("");
  const [password, setPassword] = useState("");
  const { form, isBusy, error, faultOf } = useSubmit({
    check: () => ({
      ...(typed !== username && { username: `is not ${username}` }),
      ...(password === "" && { password: "is needed" }),
    }),
    action: async () => {
      await take(auth.DELETE("/auth/user", { body: { password } }));
      await session.forgetEnded();
      await navigate("/");
      say("Your account was deleted.");
    },
  });
  return (
    <form className={styles.form} {...form}>
      {error !== undefined && <ErrorNotice error={error} />}
      <TextField
        label={`Type ${username} to confirm`}
        name="username"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        error={faultOf("username", "What you typed")}
      />
      <PasswordField
        label="Your password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={faultOf("password", "The password")}
      />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="danger" busy={isBusy}>
          Delete account
        </Button>
      </DialogActions>
    </form>
  );
}
