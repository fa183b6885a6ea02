/** The rules for the text of a post, as resource-api has them; it has the last word. */

/** The most characters that a post can have. */
export const MOST_CHARACTERS = 500;

/** How many characters a text has: Unicode scalar values, so that an emoji of one code point is one. */
export function countCharacters(text: string): number {
  return Array.from(text).length;
}

/** Whether there is nothing to read in a text. */
export function isBlank(text: string): boolean {
  return /^\p{White_Space}*$/u.test(text);
}
