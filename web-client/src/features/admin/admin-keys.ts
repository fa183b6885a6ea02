/** The keys under which is kept what administrators read. */
export const adminKeys = {
  users: ["auth", "admin", "users"],
  usersFound: (text: string) => ["auth", "admin", "users", text],
  user: (id: string) => ["auth", "admin", "user", id],
  userSessions: (id: string) => ["auth", "admin", "user", id, "sessions"],
  clients: ["auth", "admin", "clients"],
  keys: ["auth", "admin", "keys"],
  audit: (filters: object) => ["auth", "admin", "audit", filters],
} as const;
