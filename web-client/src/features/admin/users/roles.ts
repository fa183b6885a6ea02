/** The roles that auth-server knows by itself. Services of a deployment may know others. */
export const USUAL_ROLES = ["user", "admin"] as const;

/** Whether two users have the same roles, in whatever order. */
export function areSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((role) => others.includes(role));
}
