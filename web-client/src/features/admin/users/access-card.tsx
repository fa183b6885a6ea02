import { useState } from "react";
import { useNavigate } from "react-router";

import { useUser } from "../../../session/react";
import { Button } from "../../../ui/button";
import { ConfirmDialog } from "../../../ui/dialog";
import { Card, Notice } from "../../../ui/surface";
import { useToast } from "../../../ui/toast";
import { ErrorNotice } from "../../../ui/trouble";
import styles from "../admin.module.css";
import { useChangeUser, useDeleteUser } from "./use-user";
import type { User } from "./users-table";

/** Switches an account off and on, or deletes it. */
export function AccessCard({ user }: { user: User }) {
  const self = useUser();
  const navigate = useNavigate();
  const say = useToast();
  const change = useChangeUser(user.id);
  const removal = useDeleteUser(user.id);
  const [asking, setAsking] = useState<"disable" | "delete">();
  const isSelf = user.id === self.id;
  const close = () => setAsking(undefined);

  const enable = () =>
    change.mutate({ is_active: true }, { onSuccess: () => say(`${user.username} can log in again.`) });
  const disable = async () => {
    await change.mutateAsync({ is_active: false });
    say(`${user.username} is disabled.`);
  };
  const remove = async () => {
    await removal.mutateAsync();
    say(`The account ${user.username} is deleted.`);
    if (!isSelf) await navigate("/admin", { replace: true });
  };
  return (
    <Card title="Access">
      {isSelf && (
        <Notice tone="warning" title="This is your own account">
          <p>If you disable or delete it, you are logged out at once.</p>
        </Notice>
      )}
      <div className={styles.row}>
        <p>{user.is_active ? "The user can log in." : "The user cannot log in, and has no sessions."}</p>
        {/* One button, so that the keyboard stays where it is. */}
        <Button small busy={change.isPending} onClick={user.is_active ? () => setAsking("disable") : enable}>
          {user.is_active ? "Disable" : "Enable"}
        </Button>
      </div>
      {!user.is_active && change.error !== null && <ErrorNotice error={change.error} onRetry={enable} />}
      <div className={styles.row}>
        <p>Deleting cannot be undone. The name becomes free.</p>
        <Button small variant="danger" onClick={() => setAsking("delete")}>
          Delete
        </Button>
      </div>
      <ConfirmDialog
        isOpen={asking === "disable"}
        onClose={close}
        title={`Disable ${user.username}?`}
        description="All sessions end, and nobody can log in to the account until it is enabled again. Nothing is deleted."
        action="Disable"
        isDangerous
        onConfirm={disable}
      />
      <ConfirmDialog
        isOpen={asking === "delete"}
        onClose={close}
        title={`Delete ${user.username}?`}
        description="The account and its sessions are gone for good, and its name is free. Posts stay, without a name."
        action="Delete account"
        isDangerous
        onConfirm={remove}
      />
    </Card>
  );
}
