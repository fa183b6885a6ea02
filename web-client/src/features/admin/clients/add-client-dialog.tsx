import { useQueryClient } from "@tanstack/react-query";

import { take, useServers } from "../../../api/clients";
import { Dialog } from "../../../ui/dialog";
import { adminKeys } from "../admin-keys";
import { ClientForm } from "./client-form";
import type { ClientWithSecret } from "./use-clients";

interface AddClientProps {
  isOpen: boolean;
  onClose: () => void;
  /** Gets the client with its secret, which nothing else keeps. */
  onAdded: (client: ClientWithSecret) => void;
}

/** Registers a service. */
export function AddClientDialog({ isOpen, onClose, onAdded }: AddClientProps) {
  const { auth } = useServers();
  const queryClient = useQueryClient();
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      keepsOpen
      title="Add service client"
      description="A service gets an id and a secret, and with them tokens of its own."
    >
      <ClientForm
        action="Add client"
        onCancel={onClose}
        onSave={async (body) => {
          const added = await take(auth.POST("/admin/clients", { body }));
          void queryClient.invalidateQueries({ queryKey: adminKeys.clients });
          onClose();
          onAdded(added);
        }}
      />
    </Dialog>
  );
}
