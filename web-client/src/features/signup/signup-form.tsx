import { useId, useState } from "react";

import { Button } from "../../ui/button";
import { areMet, passwordRules, usernameRules } from "../../ui/credential-rules";
import { TextField } from "../../ui/field";
import { PasswordWithStrength } from "../../ui/password-with-strength";
import { Rules } from "../../ui/rules";
import { useSubmit } from "../../ui/submit";
import styles from "./signup.module.css";
import { SignupTrouble } from "./signup-trouble";
import { useSignUp } from "./use-sign-up";

const FAULTS_BY_CODE = { username_taken: { username: "is taken. Choose another one" } };

/** Name, password, and an address if one likes. */
export function SignupForm({ next }: { next: string }) {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [email, setEmail] = useState("");
  const rulesId = useId();
  const signUp = useSignUp(next);
  const { form, isBusy, error, faultOf } = useSubmit({
    check: () => ({
      ...(!areMet(usernameRules(username)) && { username: "is not yet as the rules below ask" }),
      ...(!areMet(passwordRules(password)) && { password: "is not yet as the rules below ask" }),
    }),
    action: () => signUp({ username, password, email: email.trim() }),
    faultsByCode: FAULTS_BY_CODE,
  });
  return (
    <form className={styles.form} {...form}>
      {error !== undefined && <SignupTrouble error={error} />}
      <div>
        <TextField
          label="Username"
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          value={username}
          onChange={(event) => setUsername(event.target.value)}
          error={faultOf("username", "This name")}
          aria-describedby={rulesId}
        />
        <Rules id={rulesId} rules={usernameRules(username)} />
      </div>
      <PasswordWithStrength
        label="Password"
        name="password"
        required
        value={password}
        onChange={setPassword}
        aboutTheUser={[username, email]}
        error={faultOf("password", "This password")}
      />
      <TextField
        label="E-mail (optional)"
        name="email"
        type="email"
        autoComplete="email"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={faultOf("email", "This")}
      />
      <Button type="submit" variant="primary" wide busy={isBusy}>
        Sign up
      </Button>
    </form>
  );
}
