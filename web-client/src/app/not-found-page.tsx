import { MapPinOff } from "lucide-react";

import { LinkButton } from "../ui/button";
import { Card, Empty, Page } from "../ui/surface";

/** For an address that leads nowhere. */
export function NotFoundPage() {
  return (
    <Page title="Page not found" width="narrow">
      <Card>
        <Empty icon={MapPinOff} title="There is nothing at this address">
          <p>It may have been mistyped, or moved.</p>
          <LinkButton to="/">Home</LinkButton>
        </Empty>
      </Card>
    </Page>
  );
}
