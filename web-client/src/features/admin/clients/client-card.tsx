import { KeyRound, Pencil, Power, PowerOff, ShieldMinus, Trash2 } from "lucide-react";

import { Copyable } from "../../../ui/copyable";
import { Fact, Facts } from "../../../ui/facts";
import { Menu } from "../../../ui/menu";
import { Card } from "../../../ui/surface";
import { RelativeTime } from "../../../ui/time";
import { ActiveBadge, Names } from "../badges";
import { type ClientAction, elementIdOf } from "./client-actions";
import styles from "./clients.module.css";
import type { Client } from "./use-clients";

interface ClientCardProps {
  client: Client;
  onAction: (action: ClientAction) => void;
}

/** One service: what it may, its secrets, and what can be done with it. */
export function ClientCard({ client, onAction }: ClientCardProps) {
  const hasTwoSecrets = client.secrets.length > 1;
  return (
    <Card
      title={client.name}
      actions={
        <div id={elementIdOf(client.client_id)} className={styles.head}>
          <ActiveBadge isActive={client.is_active} />
          <Menu
            label={`Actions for ${client.name}`}
            actions={[
              { label: "Edit name and scopes", icon: Pencil, onSelect: () => onAction("edit") },
              {
                label: "Add a second secret",
                icon: KeyRound,
                onSelect: () => onAction("addSecret"),
                isDisabled: hasTwoSecrets,
              },
              {
                label: "End the older secret",
                icon: ShieldMinus,
                onSelect: () => onAction("endSecret"),
                isDisabled: !hasTwoSecrets,
              },
              client.is_active
                ? { label: "Disable", icon: PowerOff, onSelect: () => onAction("disable") }
                : { label: "Enable", icon: Power, onSelect: () => onAction("enable") },
              { label: "Delete", icon: Trash2, isDangerous: true, onSelect: () => onAction("remove") },
            ]}
          />
        </div>
      }
    >
      <Facts>
        <Fact term="Client id">
          <Copyable text={client.client_id} what={`client id of ${client.name}`} />
        </Fact>
        <Fact term="Scopes">
          <Names names={client.scopes} none="None" />
        </Fact>
        <Fact term={hasTwoSecrets ? "Secrets" : "Secret"}>
          <Secrets client={client} />
        </Fact>
        <Fact term="Created">
          <RelativeTime at={client.created_at} />
        </Fact>
      </Facts>
    </Card>
  );
}

function Secrets({ client: { secrets } }: { client: Client }) {
  const [older, newer] = secrets;
  if (older === undefined) return "None";
  if (newer === undefined) {
    return (
      <span>
        Made <RelativeTime at={older.created_at} />
      </span>
    );
  }
  return (
    <span>
      Two are good: made <RelativeTime at={older.created_at} /> and <RelativeTime at={newer.created_at} />.
      End the older one when the new one is in use everywhere.
    </span>
  );
}
