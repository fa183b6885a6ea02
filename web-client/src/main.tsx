import "@fontsource-variable/inter";
import "./ui/tokens.css";
import "./ui/base.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { loadSettings } from "./api/settings";
import { App } from "./app/app";
import { BrokenPage } from "./app/broken-page";
import { Session } from "./session/session";
import { browserTabs } from "./session/tabs";

const element = document.getElementById("root");
if (element === null) throw new Error("index.html has an element with the id root");
const root = createRoot(element);

try {
  const settings = await loadSettings();
  const session = new Session({
    authServer: settings.authServer,
    fetch: (request) => fetch(request),
    tabs: browserTabs(),
    now: () => Date.now(),
    sleep,
  });
  root.render(
    <StrictMode>
      <App session={session} settings={settings} />
    </StrictMode>,
  );
  void session.start();
} catch (error) {
  root.render(<BrokenPage error={error} />);
}

/** Waits so long, or until there is a network again. */
function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
    addEventListener("online", () => resolve(), { once: true });
  });
}
