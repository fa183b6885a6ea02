import { useState } from "react";

import { Button } from "../../../ui/button";
import { Copyable } from "../../../ui/copyable";
import { Dialog, DialogActions } from "../../../ui/dialog";
import { Notice } from "../../../ui/surface";
import styles from "./clients.module.css";
import type { ClientWithSecret } from "./use-clients";

/** Shows a secret the one time that it can be seen. Only its button closes it: nobody can look the secret up afterwards. */
export function SecretDialog({
  client,
  onClose,
}: {
  client: ClientWithSecret | undefined;
  onClose: () => void;
}) {
  const [isStubborn, setStubborn] = useState(false);
  return (
    <Dialog
      isOpen={client !== undefined}
      onClose={() => setStubborn(true)}
      keepsOpen
      title="Keep this secret now"
      description={`It is what ${client?.name ?? ""} proves itself with at auth-server.`}
    >
      <Notice tone="warning" title="It is shown this once">
        <p>Put it where the service reads its secrets. Nobody can look it up afterwards, only replace it.</p>
      </Notice>
      {client !== undefined && (
        <>
          <Credential label="Client id" text={client.client_id} />
          <Credential label="Client secret" text={client.client_secret} />
        </>
      )}
      <p role="status" className={styles.small}>
        {isStubborn && "Press the button below once you have kept the secret."}
      </p>
      <DialogActions>
        <Button
          variant="primary"
          onClick={() => {
            setStubborn(false);
            onClose();
          }}
        >
          I have kept it
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Credential({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <p className={styles.small}>{label}</p>
      <div className={styles.credential}>
        <Copyable text={text} what={label.toLowerCase()} />
      </div>
    </div>
  );
}
