import { useRouteError } from "react-router";

import { Button } from "../ui/button";
import { Notice } from "../ui/surface";
import styles from "./broken-page.module.css";

/** In place of a page that failed, and of the whole app when it cannot start. */
export function BrokenPage({ error }: { error: unknown }) {
  return (
    <main className={styles.page}>
      <h1>Something broke</h1>
      <Notice tone="danger" title="This page could not be shown">
        <p>{error instanceof Error ? error.message : "An unknown error."}</p>
      </Notice>
      <div>
        <Button variant="primary" onClick={() => location.reload()}>
          Reload
        </Button>
      </div>
    </main>
  );
}

/** The same for an error that a route has thrown. */
export function BrokenRoute() {
  return <BrokenPage error={useRouteError()} />;
}
