/** The estimator of password strength. Its dictionaries weigh more than the rest of the app: import this file lazily. */

import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary as common } from "@zxcvbn-ts/language-common";
import { dictionary as english, translations } from "@zxcvbn-ts/language-en";

/** Longer ones are strong or can be told by their beginning, and the time it takes grows with the square of this. */
const MAX_LENGTH = 40;

/** How hard a password is to guess, and what would help. */
export interface Strength {
  /** 0 to 4; auth-server asks for 2. */
  score: 0 | 1 | 2 | 3 | 4;
  advice: string | undefined;
}

// The words that auth-server's estimator knows. With more of them, such as those of Diceware, we would refuse what it takes.
const guesser = new ZxcvbnFactory({
  dictionary: {
    passwords: common["passwords-common"],
    words: english["commonWords-en"],
    wikipedia: english["wikipedia-en"],
    firstnames: english["firstnames-en"],
    lastnames: english["lastnames-en"],
  },
  graphs: {
    qwerty: adjacencyGraphs.qwerty,
    dvorak: adjacencyGraphs.dvorak,
    keypad: adjacencyGraphs.keypad,
    keypadMac: adjacencyGraphs.keypadMac,
  },
  maxLength: MAX_LENGTH,
  translations,
});

/** Tries to guess a password as somebody would who knows this about the user. */
export function estimate(password: string, aboutTheUser: readonly string[]): Strength {
  const { score, feedback } = guesser.check(password.normalize("NFC"), aboutTheUser.filter(Boolean));
  const advice = [feedback.warning, feedback.suggestions[0]].filter(Boolean).join(" ");
  return { score, advice: advice === "" ? undefined : advice };
}
