import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RefreshCw } from "lucide-react";
import { useState } from "react";

import type { components } from "../../api/auth-server.generated";
import { take, useServers } from "../../api/clients";
import { Button } from "../../ui/button";
import { ConfirmDialog } from "../../ui/dialog";
import { Card, Notice, Page } from "../../ui/surface";
import { exactly } from "../../ui/time";
import { Loaded } from "../../ui/trouble";
import { adminKeys } from "./admin-keys";
import { KeyTimeline } from "./keys/key-timeline";
import styles from "./keys/keys.module.css";

const ASK_EVERY = 15_000;

/** What signs access tokens and makes refresh tokens: now, before, and next. */
export function KeysPage() {
  const { auth } = useServers();
  const query = useQuery({
    queryKey: adminKeys.keys,
    queryFn: ({ signal }) => take(auth.GET("/admin/keys", { signal })),
    refetchInterval: ASK_EVERY,
  });
  return (
    <Page
      title="Keys"
      lead="They change by themselves. Rotating lets the next ones take over early."
      width="wide"
      actions={<Rotate />}
    >
      <Loaded query={query}>
        {({ items, refresh_secrets: secrets }) => (
          <div className={styles.columns}>
            <Card title="Signing keys">
              <p className={styles.about}>
                They sign access tokens. Services know them by the published key set.
              </p>
              <KeyTimeline keys={items.map(({ kid, ...key }) => ({ id: kid, ...key }))} what="key" />
            </Card>
            <Card title="Refresh secrets">
              <p className={styles.about}>They make refresh tokens. Nobody but auth-server knows them.</p>
              <KeyTimeline keys={secrets} what="secret" />
            </Card>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function Rotate() {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const rotation = useMutation({
    mutationFn: () => take(auth.POST("/admin/keys/rotate")),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: adminKeys.keys }),
  });
  return (
    <>
      <Button onClick={() => setAsking(true)}>
        <RefreshCw aria-hidden />
        Rotate
      </Button>
      {rotation.data !== undefined && (
        <div className={styles.outcome}>
          <Outcome rotation={rotation.data} />
        </div>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title="Rotate the keys?"
        description="The next key takes over as soon as every service can know it. Tokens that are out stay good, and nobody is logged out; a key that has leaked is revoked on the command line instead."
        action="Rotate"
        onConfirm={() => rotation.mutateAsync()}
      />
    </>
  );
}

function Outcome({ rotation }: { rotation: components["schemas"]["KeyRotation"] }) {
  const when = exactly(rotation.activates_at);
  return rotation.was_planned ? (
    <Notice title="Nothing was changed">
      <p>The next key was to take over on {when} already, and cannot do so earlier.</p>
    </Notice>
  ) : (
    <Notice tone="success" title="The next key takes over early">
      <p>It signs from {when} on.</p>
    </Notice>
  );
}
