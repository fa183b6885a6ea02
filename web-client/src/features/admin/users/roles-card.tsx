import { useState } from "react";

import { useUser } from "../../../session/react";
import { Button } from "../../../ui/button";
import { NamesField } from "../../../ui/names-field";
import { useSubmit } from "../../../ui/submit";
import { Card, Notice } from "../../../ui/surface";
import { useToast } from "../../../ui/toast";
import { ErrorNotice } from "../../../ui/trouble";
import styles from "../admin.module.css";
import { USUAL_ROLES, areSame } from "./roles";
import { useChangeUser } from "./use-user";
import type { User } from "./users-table";

/** What a user may do: changed here, and saved at once for all. */
export function RolesCard({ user }: { user: User }) {
  const self = useUser();
  const say = useToast();
  const change = useChangeUser(user.id);
  const [edited, setEdited] = useState<string[]>();
  const roles = edited ?? user.roles;
  const { form, isBusy, error, faultOf } = useSubmit({
    action: async () => {
      await change.mutateAsync({ roles });
      finish();
      say(`The roles of ${user.username} are changed.`);
    },
  });
  // The buttons go, and the keyboard stays with the roles.
  const finish = () => {
    setEdited(undefined);
    form.ref.current?.querySelector("input")?.focus();
  };
  const givesUpAdmin = user.id === self.id && !roles.includes("admin");
  const isChanged = !areSame(roles, user.roles);
  return (
    <Card title="Roles">
      <form className={styles.form} {...form}>
        <NamesField
          label="What this user may do"
          name="roles"
          values={roles}
          onChange={setEdited}
          suggestions={USUAL_ROLES}
          hint="Access tokens with the old roles are revoked; services see the new ones within seconds."
          error={faultOf("roles", "Roles:")}
        />
        {givesUpAdmin && (
          <Notice tone="warning" title="This is your own account">
            <p>
              Without the role “admin” you lose these pages at once. Only another administrator can give it
              back.
            </p>
          </Notice>
        )}
        {error !== undefined && <ErrorNotice error={error} />}
        {isChanged && (
          <div className={styles.buttons}>
            <Button type="submit" variant="primary" busy={isBusy}>
              Save roles
            </Button>
            <Button onClick={finish}>Discard</Button>
          </div>
        )}
      </form>
    </Card>
  );
}
