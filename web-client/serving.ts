/**
 * How the built client must be served: its settings, and the headers that every answer carries.
 *
 * Whoever serves `dist/` sends these headers, answers `/config.json` with the settings, and answers paths that are no files with
 * `index.html`. `vite preview` does so by vite.config.ts.
 */

/** Where the two servers are, as the browser reaches them. */
export interface Settings {
  /** Origin of auth-server, which is also the issuer of its tokens: `http://localhost:8081`. */
  auth_server: string;
  /** Origin of resource-api: `http://localhost:8082`. */
  resource_api: string;
}

/** The settings in the environment of whoever serves the client. */
export function settingsFrom(environment: Record<string, string | undefined>): Settings {
  return {
    auth_server: environment["WEB__AUTH_SERVER"] ?? "http://localhost:8081",
    resource_api: environment["WEB__RESOURCE_API"] ?? "http://localhost:8082",
  };
}

/**
 * Content-Security-Policy (CSP Level 3): nothing but our own files, no inline script or style, connections to the two servers alone,
 * no form that is sent anywhere, no page that frames us, and no string that becomes script.
 */
export function contentSecurityPolicy({ auth_server, resource_api }: Settings): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${auth_server} ${resource_api}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

/** Every header but those of caching, which depend on the file. */
export function securityHeaders(settings: Settings): Record<string, string> {
  return {
    "Content-Security-Policy": contentSecurityPolicy(settings),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
  };
}
