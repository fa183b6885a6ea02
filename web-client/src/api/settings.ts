/** Where the two servers are. */
export interface Settings {
  authServer: string;
  resourceApi: string;
}

/** Reads `/config.json`, which stands beside the page, so that one build serves any deployment. */
export async function loadSettings(): Promise<Settings> {
  const response = await fetch("/config.json");
  if (!response.ok) throw new Error(`/config.json: the server answered ${response.status}`);
  const settings = (await response.json()) as Record<string, unknown>;
  return { authServer: originOf(settings, "auth_server"), resourceApi: originOf(settings, "resource_api") };
}

function originOf(settings: Record<string, unknown>, name: string): string {
  const value = settings[name];
  if (typeof value !== "string" || !URL.canParse(value)) {
    throw new Error(`/config.json: ${name} must be a URL such as http://localhost:8081`);
  }
  return value.replace(/\/$/, "");
}
