import { ConfirmDialog, Dialog } from "../../../ui/dialog";
import { useToast } from "../../../ui/toast";
import { ClientForm } from "./client-form";
import {
  type Client,
  type ClientWithSecret,
  useAddSecret,
  useChangeClient,
  useEndOlderSecret,
  useRemoveClient,
} from "./use-clients";

/** What can be done with a client. */
export type ClientAction = "edit" | "addSecret" | "endSecret" | "disable" | "enable" | "remove";

interface ClientActionsProps {
  client: Client;
  /** What is being done; nothing without it. */
  action: ClientAction | undefined;
  onClose: () => void;
  onSecret: (client: ClientWithSecret) => void;
}

interface Question {
  title: string;
  description: string;
  verb: string;
  isDangerous?: boolean;
  confirm: () => Promise<void>;
}

/** The dialogs behind the actions of a client. */
export function ClientActions({ client, action, onClose, onSecret }: ClientActionsProps) {
  const { client_id: id, name } = client;
  const say = useToast();
  const change = useChangeClient(id);
  const addSecret = useAddSecret(id);
  const endSecret = useEndOlderSecret(id);
  const removal = useRemoveClient(id);

  const questions: Record<Exclude<ClientAction, "edit">, Question> = {
    addSecret: {
      title: `Add a second secret for ${name}?`,
      description:
        "Both secrets are good until you end the older one, so that the service can change over in between.",
      verb: "Add secret",
      confirm: async () => {
        onSecret(await addSecret.mutateAsync());
        // The secret is with whoever shows it, and nowhere else.
        addSecret.reset();
      },
    },
    endSecret: {
      title: `End the older secret of ${name}?`,
      description:
        "A service that still uses it gets no more tokens. Make sure that the new one is in use everywhere.",
      verb: "End secret",
      isDangerous: true,
      confirm: async () => {
        await endSecret.mutateAsync();
        say("The older secret is good no more.");
      },
    },
    disable: {
      title: `Disable ${name}?`,
      description: "Its tokens are revoked, and it gets no others until it is enabled again.",
      verb: "Disable",
      isDangerous: true,
      confirm: async () => {
        await change.mutateAsync({ is_active: false });
        say(`${name} is disabled.`);
      },
    },
    enable: {
      title: `Enable ${name}?`,
      description: "With its secret it gets tokens again.",
      verb: "Enable",
      confirm: async () => {
        await change.mutateAsync({ is_active: true });
        say(`${name} is enabled.`);
      },
    },
    remove: {
      title: `Delete ${name}?`,
      description:
        "Its tokens are revoked at once, its secrets are gone, and its name is free. This cannot be undone.",
      verb: "Delete client",
      isDangerous: true,
      confirm: async () => {
        await removal.mutateAsync();
        say(`${name} is deleted.`);
      },
    },
  };
  const save = async (changed: { name: string; scopes: string[] }) => {
    await change.mutateAsync(changed);
    onClose();
    say(`${changed.name} is changed.`);
  };
  return (
    <>
      <Dialog
        isOpen={action === "edit"}
        onClose={onClose}
        keepsOpen
        title={`Edit ${name}`}
        description="With other scopes, the tokens that the service has are revoked; it gets new ones by itself."
      >
        <ClientForm name={name} scopes={client.scopes} action="Save" onSave={save} onCancel={onClose} />
      </Dialog>
      {Object.entries(questions).map(([key, { title, description, verb, isDangerous = false, confirm }]) => (
        <ConfirmDialog
          key={key}
          isOpen={action === key}
          onClose={onClose}
          title={title}
          description={description}
          action={verb}
          isDangerous={isDangerous}
          onConfirm={confirm}
          finalFocus={() => menuOf(id) ?? document.querySelector<HTMLElement>("main h1")}
        />
      ))}
    </>
  );
}

/** What opened the dialog, unless it went with the client. */
function menuOf(clientId: string): HTMLElement | null {
  return document.getElementById(elementIdOf(clientId))?.querySelector("button") ?? null;
}

/** The `id` of the element that shows a client, for the focus. */
export function elementIdOf(clientId: string): string {
  return `client-${clientId}`;
}
