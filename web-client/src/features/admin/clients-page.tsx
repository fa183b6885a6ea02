import { Plus, Server } from "lucide-react";
import { useState } from "react";

import { Button } from "../../ui/button";
import { Paged } from "../../ui/paged";
import { Card, Empty, Page } from "../../ui/surface";
import { AddClientDialog } from "./clients/add-client-dialog";
import { type ClientAction, ClientActions } from "./clients/client-actions";
import { ClientCard } from "./clients/client-card";
import styles from "./clients/clients.module.css";
import { SecretDialog } from "./clients/secret-dialog";
import { type Client, type ClientWithSecret, useClients } from "./clients/use-clients";

/** Services that have tokens of their own, to call each other with. */
export function ClientsPage() {
  const query = useClients();
  const [isAdding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<{ client: Client; action: ClientAction | undefined }>();
  const [made, setMade] = useState<ClientWithSecret>();
  return (
    <Page
      title="Service clients"
      lead="Services that call others with tokens of their own."
      width="wide"
      actions={
        <Button variant="primary" onClick={() => setAdding(true)}>
          <Plus aria-hidden />
          Add client
        </Button>
      }
    >
      <Paged query={query} empty={<NoClients />}>
        {(clients) => (
          <div className={styles.list}>
            {clients.map((client) => (
              <ClientCard
                key={client.client_id}
                client={client}
                onAction={(action) => setChosen({ client, action })}
              />
            ))}
          </div>
        )}
      </Paged>
      {chosen !== undefined && (
        <ClientActions
          {...chosen}
          onClose={() => setChosen({ ...chosen, action: undefined })}
          onSecret={setMade}
        />
      )}
      <AddClientDialog isOpen={isAdding} onClose={() => setAdding(false)} onAdded={setMade} />
      <SecretDialog client={made} onClose={() => setMade(undefined)} />
    </Page>
  );
}

function NoClients() {
  return (
    <Card>
      <Empty icon={Server} title="No service clients yet">
        <p>Add one for each service that calls others by itself.</p>
      </Empty>
    </Card>
  );
}
