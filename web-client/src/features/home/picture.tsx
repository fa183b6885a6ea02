import { Database, KeyRound, UserRound } from "lucide-react";

import { useServers } from "../../api/clients";
import { useOptionalUser, useSessionState } from "../../session/react";
import { Badge } from "../../ui/surface";
import { useHealth } from "./health";
import { ServerCard } from "./server-card";
import styles from "./picture.module.css";

/** Who talks to whom, with the true state of each. */
export function Picture() {
  const { settings, publicAuth, publicApi } = useServers();
  const auth = useHealth(["auth", "health"], (signal) => publicAuth.GET("/health/ready", { signal }));
  const api = useHealth(["api", "health"], (signal) => publicApi.GET("/health/ready", { signal }));
  return (
    <div className={styles.picture}>
      <You />
      <Lines />
      <ServerCard
        name="auth-server"
        task="Signs tokens"
        icon={KeyRound}
        origin={settings.authServer}
        health={auth}
      />
      <ServerCard
        name="resource-api"
        task="Checks tokens"
        icon={Database}
        origin={settings.resourceApi}
        health={api}
      />
    </div>
  );
}

function You() {
  const { kind } = useSessionState();
  const user = useOptionalUser();
  return (
    <div className={styles.you}>
      <UserRound aria-hidden />
      <span>{user?.username ?? "You"}</span>
      {kind === "anonymous" && <Badge>Not logged in</Badge>}
      {kind === "logged-in" && <Badge tone="success">Logged in</Badge>}
      {kind === "ended" && <Badge tone="warning">Session ended</Badge>}
    </div>
  );
}

function Lines() {
  return (
    <svg viewBox="0 0 400 76" preserveAspectRatio="none" className={styles.lines} aria-hidden>
      <path d="M200 0 V20 Q200 38 182 38 H118 Q100 38 100 56 V76" />
      <path d="M200 0 V20 Q200 38 218 38 H282 Q300 38 300 56 V76" />
    </svg>
  );
}
