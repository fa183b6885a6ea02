import { useSessionState } from "../../session/react";
import { LinkButton } from "../../ui/button";
import styles from "./home.module.css";
import { Picture } from "./picture";

/** What Latchkey is in one sentence, beside a picture of it. */
export function Hero() {
  return (
    <section className={styles.hero}>
      <div className={styles.words}>
        <h1 tabIndex={-1}>
          One server signs. <span className={styles.accent}>Every server checks.</span>
        </h1>
        <p className={styles.lead}>
          Latchkey is split authentication: one server knows passwords and signs tokens, every other service
          checks them by itself, and a logout is still seen everywhere within seconds.
        </p>
        <WaysIn />
      </div>
      <Picture />
    </section>
  );
}

function WaysIn() {
  const state = useSessionState();
  return (
    // It keeps its height while it is being found out who is there.
    <div className={styles.waysIn}>
      {state.kind === "anonymous" && (
        <>
          <LinkButton to="/signup" variant="primary">
            Sign up
          </LinkButton>
          <LinkButton to="/login">Log in</LinkButton>
        </>
      )}
      {(state.kind === "logged-in" || state.kind === "ended") && (
        <>
          <LinkButton to="/timeline" variant="primary">
            Open the timeline
          </LinkButton>
          <LinkButton to="/protected">See your token</LinkButton>
        </>
      )}
    </div>
  );
}
