import createClient, { type Client } from "openapi-fetch";
import { createContext, use } from "react";

import type { paths as AuthServerPaths } from "./auth-server.generated";
import { ApiError, UnreachableError } from "./errors";
import { reach } from "./reach";
import type { paths as ResourceApiPaths } from "./resource-api.generated";
import type { Settings } from "./settings";

type Fetch = (request: Request) => Promise<Response>;

/** Both servers, typed by their OpenAPI documents. */
export interface Servers {
  settings: Settings;
  /** auth-server as the user: with the access token. */
  auth: Client<AuthServerPaths>;
  /** resource-api as the user. */
  api: Client<ResourceApiPaths>;
  /** auth-server as anybody: sign-up, health, keys. */
  publicAuth: Client<AuthServerPaths>;
  /** resource-api as anybody. */
  publicApi: Client<ResourceApiPaths>;
}

/** Clients whose requests go out as they are, and clients whose requests the session makes as one user. */
export function createServers(settings: Settings, asUser: Fetch): Servers {
  const { authServer, resourceApi } = settings;
  return {
    settings,
    auth: createClient<AuthServerPaths>({ baseUrl: authServer, fetch: asUser }),
    api: createClient<ResourceApiPaths>({ baseUrl: resourceApi, fetch: asUser }),
    publicAuth: createClient<AuthServerPaths>({ baseUrl: authServer, fetch: reach }),
    publicApi: createClient<ResourceApiPaths>({ baseUrl: resourceApi, fetch: reach }),
  };
}

/** The body of a successful answer; an {@link ApiError} for any other. */
export async function take<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call.catch((failure: unknown) => {
    // The answer broke off while it was read.
    throw isBroken(failure) ? new UnreachableError("The server") : failure;
  });
  if (!response.ok) throw ApiError.of(response, error);
  // 204 has no body, and its type says so.
  return data as T;
}

function isBroken(failure: unknown): boolean {
  return failure instanceof TypeError || (failure instanceof DOMException && failure.name === "TimeoutError");
}

export const ServersContext = createContext<Servers | undefined>(undefined);

/** The two servers. */
export function useServers(): Servers {
  const servers = use(ServersContext);
  if (servers === undefined) throw new Error("useServers needs a ServersContext above it");
  return servers;
}
