import { onlineManager } from "@tanstack/react-query";
import { useEffect } from "react";
import { useLocation, useNavigate, useRouteError } from "react-router";

import { Button } from "../ui/button";
import { Notice, Page } from "../ui/surface";
import styles from "./broken-page.module.css";
import { PageNotLoadedError } from "./pages";

/** In place of a page that failed; the layout around it stands. */
export function BrokenRoute() {
  const error = useRouteError();
  return error instanceof PageNotLoadedError ? <NotLoaded /> : <Broken error={error} />;
}

/** In place of everything, when the layout itself has failed. */
export function BrokenApp() {
  return <BrokenPage error={useRouteError()} />;
}

/** The same when the app cannot even start. */
export function BrokenPage({ error }: { error: unknown }) {
  return (
    <main className={styles.page}>
      <Broken error={error} />
    </main>
  );
}

function Broken({ error }: { error: unknown }) {
  return (
    <Page title="Something broke" width="narrow">
      <Notice tone="danger" title="This page could not be shown" actions={<Reload />}>
        <p>{error instanceof Error ? error.message : "An unknown error."}</p>
      </Notice>
    </Page>
  );
}

/** Goes on by itself when there is a network again. */
function NotLoaded() {
  const { pathname, search } = useLocation();
  const navigate = useNavigate();
  useEffect(
    () =>
      onlineManager.subscribe((isOnline) => {
        if (isOnline) void navigate(pathname + search, { replace: true });
      }),
    [navigate, pathname, search],
  );
  return (
    <Page title="This page is not here yet" width="narrow">
      <Notice tone="warning" title="It could not be loaded" actions={<Reload />}>
        <p>You may be offline, or there is a new version of this app. Reload to go on.</p>
      </Notice>
    </Page>
  );
}

function Reload() {
  return (
    <Button small onClick={() => location.reload()}>
      Reload
    </Button>
  );
}
