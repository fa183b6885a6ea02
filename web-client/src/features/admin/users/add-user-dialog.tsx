import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { take, useServers } from "../../../api/clients";
import { Button } from "../../../ui/button";
import { areMet, usernameRules } from "../../../ui/credential-rules";
import { Dialog, DialogActions } from "../../../ui/dialog";
import { TextField } from "../../../ui/field";
import { NamesField } from "../../../ui/names-field";
import { PasswordWithStrength } from "../../../ui/password-with-strength";
import { useSubmit } from "../../../ui/submit";
import { useToast } from "../../../ui/toast";
import { ErrorNotice } from "../../../ui/trouble";
import { adminKeys } from "../admin-keys";
import styles from "../admin.module.css";
import { USUAL_ROLES } from "./roles";

/** Makes an account for somebody, also where people cannot sign up by themselves. */
export function AddUserDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      keepsOpen
      title="Add user"
      description="Tell the new user the password yourself; it can be changed after the first login."
    >
      <AddUserForm onClose={onClose} />
    </Dialog>
  );
}

function AddUserForm({ onClose }: { onClose: () => void }) {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  const navigate = useNavigate();
  const say = useToast();
  const [username, setUsername] = useState("");
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [roles, setRoles] = useState<string[]>(["user"]);
  const { form, isBusy, error, faultOf } = useSubmit({
    check: () => ({
      ...(!areMet(usernameRules(username)) && { username: "must have 3 to 32 of a–z, A–Z, 0–9, _ . -" }),
      ...(password === "" && { password: "is needed" }),
    }),
    action: async () => {
      const body = { username, password, roles, email: email.trim() === "" ? null : email.trim() };
      const user = await take(auth.POST("/admin/users", { body }));
      void queryClient.invalidateQueries({ queryKey: adminKeys.users });
      queryClient.setQueryData(adminKeys.user(user.id), user);
      onClose();
      say(`${user.username} has an account now.`);
      await navigate(`/admin/users/${user.id}`);
    },
    faultsByCode: { username_taken: { username: "is taken" } },
  });
  return (
    <form className={styles.form} {...form}>
      {error !== undefined && <ErrorNotice error={error} />}
      <TextField
        label="Username"
        name="username"
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        required
        value={username}
        onChange={({ target }) => setUsername(target.value)}
        error={faultOf("username", "The name")}
      />
      <TextField
        label="E-mail (optional)"
        name="email"
        type="email"
        autoComplete="off"
        value={email}
        onChange={({ target }) => setEmail(target.value)}
        error={faultOf("email", "This")}
      />
      <PasswordWithStrength
        label="Password"
        name="password"
        required
        value={password}
        onChange={setPassword}
        aboutTheUser={[username, email]}
        error={faultOf("password", "The password")}
      />
      <NamesField
        label="Roles"
        name="roles"
        values={roles}
        onChange={setRoles}
        suggestions={USUAL_ROLES}
        error={faultOf("roles", "Roles:")}
      />
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" variant="primary" busy={isBusy}>
          Add user
        </Button>
      </DialogActions>
    </form>
  );
}
