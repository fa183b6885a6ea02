import {
  CircleUserRound,
  Database,
  KeyRound,
  LogIn,
  LogOut,
  type LucideIcon,
  Server,
  ShieldAlert,
  UserCog,
} from "lucide-react";

import type { components } from "../../../api/auth-server.generated";
import type { Tone } from "../../../ui/surface";

/** An entry of the trail. */
export type AuditEvent = components["schemas"]["AuditEvent"];

/** The name of an event, as the trail has it. */
export type EventName = components["schemas"]["AuditEventName"];

/** An event for people. */
export interface EventWords {
  words: string;
  area: "Logins and sessions" | "Accounts" | "Service clients" | "Keys" | "Server";
  icon: LucideIcon;
  tone: Tone;
}

function words(area: EventWords["area"], icon: LucideIcon, text: string, tone: Tone = "neutral"): EventWords {
  return { words: text, area, icon, tone };
}

const session = words.bind(undefined, "Logins and sessions");
const account = words.bind(undefined, "Accounts");
const client = words.bind(undefined, "Service clients", Server);
const key = words.bind(undefined, "Keys", KeyRound);

/** Every event there is. */
export const EVENTS: Record<EventName, EventWords> = {
  login_succeeded: session(LogIn, "Logged in", "success"),
  login_failed: session(ShieldAlert, "Login failed", "warning"),
  logged_out: session(LogOut, "Logged out"),
  logged_out_everywhere: session(LogOut, "Logged out everywhere"),
  session_ended: session(LogOut, "Session ended"),
  user_sessions_ended: session(LogOut, "All sessions ended", "warning"),
  token_revoked: session(LogOut, "Token revoked"),
  refresh_token_replayed: session(ShieldAlert, "Old refresh token used", "danger"),
  signed_up: account(CircleUserRound, "Signed up", "success"),
  password_changed: account(UserCog, "Password changed"),
  password_confirmation_failed: account(ShieldAlert, "Password confirmation failed", "warning"),
  email_changed: account(UserCog, "E-mail changed"),
  user_created: account(CircleUserRound, "User added", "success"),
  user_roles_changed: account(UserCog, "Roles changed", "accent"),
  user_activated: account(UserCog, "User enabled", "success"),
  user_deactivated: account(UserCog, "User disabled", "warning"),
  user_deleted: account(CircleUserRound, "User deleted", "danger"),
  client_created: client("Client added", "success"),
  client_changed: client("Client changed", "accent"),
  client_activated: client("Client enabled", "success"),
  client_deactivated: client("Client disabled", "warning"),
  client_secret_added: client("Client secret added", "accent"),
  client_secret_ended: client("Client secret ended"),
  client_deleted: client("Client deleted", "danger"),
  key_created: key("Key made"),
  key_rotated: key("Key rotated", "accent"),
  key_revoked: key("Key revoked", "danger"),
  key_deleted: key("Key deleted"),
  database_restored: words("Server", Database, "Database restored", "warning"),
};

const BY_NAME = new Map<string, EventWords>(Object.entries(EVENTS));

/** The words for an event; those of a newer server are called what the server calls them. */
export function wordsFor(event: string): EventWords {
  return BY_NAME.get(event) ?? words("Server", Server, event.replaceAll("_", " "));
}

const AREAS: readonly EventWords["area"][] = [
  "Logins and sessions",
  "Accounts",
  "Service clients",
  "Keys",
  "Server",
];

/** The events by what they are about, for choosing one. */
export function eventsByArea(): { area: string; events: [name: string, event: EventWords][] }[] {
  return AREAS.map((area) => ({
    area,
    events: Object.entries(EVENTS).filter(([, event]) => event.area === area),
  }));
}

/** The actor of an event who has no page: what he is called in a sentence that begins with “by”. */
export function actorInWords({ type, name, id }: AuditEvent["actor"]): string {
  switch (type) {
    case "anonymous":
      return "somebody who was not logged in";
    case "command_line":
      return "the command line";
    case "server":
      return "the server itself";
    case "client":
      return `the service ${name ?? id ?? ""}`;
    case "user":
      return name ?? id ?? "a user";
  }
}

/** What more there is to know of an event: a session is named by the beginning of its id. */
export function detailInWords(detail: string): string {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(detail) ? `session ${detail.slice(0, 18)}…` : detail;
}
