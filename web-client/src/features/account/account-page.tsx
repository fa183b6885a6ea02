import { useUser } from "../../session/react";
import { Page } from "../../ui/surface";
import { DetailsCard } from "./details-card";
import { DeletionCard } from "./deletion-card";
import { SessionsCard } from "./sessions-card";

/** One's own account: what is kept of one, where one is logged in, and the way out for good. */
export function AccountPage() {
  const { username } = useUser();
  return (
    <Page title="Account" lead={`You are logged in as ${username}.`}>
      <DetailsCard />
      <SessionsCard />
      <DeletionCard />
    </Page>
  );
}
