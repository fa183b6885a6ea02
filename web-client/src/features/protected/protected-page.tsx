import { useAccessToken } from "../../session/react";
import { Card, Page, Skeleton } from "../../ui/surface";
import { ChecksCard } from "./checks-card";
import { MessageCard } from "./message-card";
import { TokenCard } from "./token-card";

/** What opens with a token alone, and the token itself: what it says, and why it is believed. */
export function ProtectedPage() {
  const token = useAccessToken();
  return (
    <Page title="Protected" lead="What a service sees of you: a token, which it checks by itself.">
      <MessageCard />
      {token === undefined ? (
        <Card title="Your access token">
          <Skeleton width="60%" />
          <Skeleton />
        </Card>
      ) : (
        <>
          <ChecksCard token={token.value} />
          <TokenCard token={token} />
        </>
      )}
    </Page>
  );
}
