import { Link, Navigate, useSearchParams } from "react-router";

import { goingOnTo, nextIn } from "../../session/next";
import { useOptionalUser } from "../../session/react";
import { Card, Page } from "../../ui/surface";
import { LoginForm } from "./login-form";
import styles from "./login.module.css";

/** Logs in and goes on to where one was going; whoever is logged in already goes on at once. */
export function LoginPage() {
  const [search] = useSearchParams();
  const next = nextIn(search);
  if (useOptionalUser() !== undefined) return <Navigate replace to={next} />;
  return (
    <Page title="Log in" lead="Good to see you again." width="narrow">
      <Card>
        <LoginForm />
      </Card>
      <p className={styles.other}>
        New here? <Link to={goingOnTo(next, "/signup")}>Sign up</Link>
      </p>
    </Page>
  );
}
