import { type AccessToken, decode } from "../../session/access-token";
import { Card } from "../../ui/surface";
import { CLAIM_MEANINGS, HEADER_MEANINGS } from "./meanings";
import { Lifetime } from "./lifetime";
import { Parts } from "./parts";
import styles from "./protected.module.css";

/** The token taken apart. The token itself is not shown: whoever sees it could use it. */
export function TokenCard({ token }: { token: AccessToken }) {
  const { header, claims } = decode(token.value);
  return (
    <Card title="What your token says">
      <Lifetime token={token} />
      <p className={styles.note}>Open a line to read what it means and where that is written.</p>
      <h3>Header</h3>
      <Parts parts={header} meanings={HEADER_MEANINGS} />
      <h3>Claims</h3>
      <Parts parts={claims} meanings={CLAIM_MEANINGS} />
    </Card>
  );
}
