import { CircleCheck, CircleX } from "lucide-react";
import { keepPreviousData, useQuery } from "@tanstack/react-query";

import { useServers } from "../../api/clients";
import { Badge, Card } from "../../ui/surface";
import { Loaded } from "../../ui/trouble";
import styles from "./protected.module.css";
import { readStatus } from "./status-list";
import { type Check, checkToken } from "./verify";

/** A status list is good for about so long. */
const EVERY = 10_000;

/** The token checked here, in the browser, as any service checks it. */
export function ChecksCard({ token }: { token: string }) {
  const { settings, publicAuth } = useServers();
  const checks = useQuery({
    // By its end, which is the signature's: the token itself is kept nowhere else.
    queryKey: ["auth", "checks", token.slice(-16)],
    queryFn: () => checkToken(token, settings.authServer, publicAuth),
    staleTime: Infinity,
    placeholderData: keepPreviousData,
  });
  const status = useQuery({
    queryKey: ["auth", "status", token.slice(-16)],
    queryFn: () => readStatus(token, settings.authServer, publicAuth),
    refetchInterval: EVERY,
    placeholderData: keepPreviousData,
  });
  // While a new token is being checked, the last one's checks stand, but no verdict.
  const isOld = checks.isPlaceholderData || status.isPlaceholderData;
  const made = isOld || !checks.data || !status.data ? [] : [...checks.data, ...status.data];
  return (
    <Card title="Why it is believed" actions={<Verdict checks={made} />}>
      <p className={styles.note}>
        Checked here in your browser, with what auth-server publishes, as any service does.
      </p>
      <Loaded query={checks}>{(data) => <Checks checks={data} />}</Loaded>
      <Loaded query={status} pending={<span />}>
        {(data) => <Checks checks={data} />}
      </Loaded>
    </Card>
  );
}

function Verdict({ checks }: { checks: readonly Check[] }) {
  if (checks.length === 0) return <Badge>Checking…</Badge>;
  return checks.every((check) => check.isGood) ? (
    <Badge tone="success">Good</Badge>
  ) : (
    <Badge tone="danger">Not good</Badge>
  );
}

function Checks({ checks }: { checks: readonly Check[] }) {
  return (
    <ul className={styles.checks}>
      {checks.map(({ name, isGood, text }) => {
        const Icon = isGood ? CircleCheck : CircleX;
        return (
          <li key={name} className={isGood ? styles.good : styles.bad}>
            <Icon aria-hidden />
            <div>
              <strong>
                {name}
                <span className="visually-hidden">{isGood ? ": good." : ": not good."}</span>
              </strong>
              <p>{text}</p>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
