import { Link, Navigate, useSearchParams } from "react-router";

import { goingOnTo, nextIn } from "../../session/next";
import { useOptionalUser } from "../../session/react";
import { Card, Page } from "../../ui/surface";
import { SignupForm } from "./signup-form";
import styles from "./signup.module.css";

/** Makes an account, logs in, and goes on to where one was going. */
export function SignupPage() {
  const [search] = useSearchParams();
  const next = nextIn(search);
  if (useOptionalUser() !== undefined) return <Navigate replace to={next} />;
  return (
    <Page title="Sign up" lead="A name and a password are all it takes." width="narrow">
      <Card>
        <SignupForm next={next} />
      </Card>
      <p className={styles.other}>
        Have an account? <Link to={goingOnTo(next, "/login")}>Log in</Link>
      </p>
    </Page>
  );
}
