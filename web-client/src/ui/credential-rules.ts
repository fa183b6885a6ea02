/** What auth-server asks of names and passwords. It has the last word; this spares a question whose answer is known. */

import type { Rule } from "./rules";

const MAX_BYTES = 72;

/** The rules for a username. */
export function usernameRules(username: string): Rule[] {
  return [
    { text: "3 to 32 characters", isMet: username.length >= 3 && username.length <= 32 },
    { text: "Letters a–z, digits, _ . -", isMet: /^[A-Za-z0-9_.-]+$/.test(username) },
  ];
}

/** The rules for a password, but how easily it is guessed. Its length counts as it is kept: in Unicode NFC. */
export function passwordRules(password: string): Rule[] {
  const normalised = password.normalize("NFC");
  const bytes = new TextEncoder().encode(normalised).length;
  const rules = [{ text: "8 characters or more", isMet: Array.from(normalised).length >= 8 }];
  // Few will ever meet this one, so it is not told until then.
  if (bytes > MAX_BYTES) rules.push({ text: `${MAX_BYTES} bytes or less (now ${bytes})`, isMet: false });
  return rules;
}

/** Whether every rule is met. */
export function areMet(rules: readonly Rule[]): boolean {
  return rules.every((rule) => rule.isMet);
}
