import { type SubmitEvent, useEffect, useRef, useState } from "react";

import { Button } from "../../ui/button";
import { PasswordField, TextField } from "../../ui/field";
import styles from "./login.module.css";
import { LockedButton, LoginTrouble } from "./login-trouble";
import { useLogIn } from "./use-log-in";

interface LoginFormProps {
  /** Whose session goes on; without it anybody may log in. */
  username?: string;
  /** Offers a way out. */
  onCancel?: () => void;
}

/** Name and password. What was typed stays whatever happens; the session tells everybody else when it has worked. */
export function LoginForm({ username: fixed, onCancel }: LoginFormProps) {
  const [username, setUsername] = useState(fixed ?? "");
  const [password, setPassword] = useState("");
  const [missing, setMissing] = useState<"username" | "password">();
  const { logIn, isBusy, trouble, calmDown, unlock } = useLogIn(username.trim(), password);
  const nameField = useRef<HTMLInputElement>(null);
  const passwordField = useRef<HTMLInputElement>(null);

  useEffect(() => (fixed === undefined ? nameField : passwordField).current?.focus(), [fixed]);
  useEffect(() => {
    if (trouble?.kind === "wrong") passwordField.current?.select();
  }, [trouble]);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const lacks = username.trim() === "" ? "username" : password === "" ? "password" : undefined;
    setMissing(lacks);
    if (lacks === undefined) void logIn();
    else (lacks === "username" ? nameField : passwordField).current?.focus();
  };
  return (
    <form className={styles.form} onSubmit={submit} noValidate>
      {trouble !== undefined && (
        <LoginTrouble trouble={trouble} isBusy={isBusy} onRetry={() => void logIn()} onDismiss={calmDown} />
      )}
      <TextField
        ref={nameField}
        label="Username"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        readOnly={fixed !== undefined}
        value={username}
        error={missing === "username" ? "Enter your username." : undefined}
        onChange={(event) => {
          setUsername(event.target.value);
          setMissing(undefined);
          calmDown();
        }}
      />
      <PasswordField
        ref={passwordField}
        label="Password"
        name="password"
        autoComplete="current-password"
        value={password}
        error={missing === "password" ? "Enter your password." : undefined}
        onChange={(event) => {
          setPassword(event.target.value);
          setMissing(undefined);
          if (trouble?.kind !== "locked") calmDown();
        }}
      />
      <div className={styles.actions}>
        {trouble?.kind === "locked" ? (
          <LockedButton key={trouble.seconds} seconds={trouble.seconds} onUnlock={unlock} />
        ) : (
          <Button type="submit" variant="primary" busy={isBusy}>
            Log in
          </Button>
        )}
        {onCancel !== undefined && <Button onClick={onCancel}>Cancel</Button>}
      </div>
    </form>
  );
}
