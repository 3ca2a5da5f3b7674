import { deniedNumbers } from "./deny.ts";
import { friendlyWords } from "./friendly-words.ts";
import { nameParts } from "./name-parts.ts";
import { isPresentable } from "./screen.ts";

const maxLength = 20;
/** A given name longer than this is cut: nobody types it without a mistake. */
const maxGiven = 14;

/**
 * What a random tail is made of, letter by digit in turn. Left out: 0 and O, 1, I and L, which look alike; B, S and Z with
 * 8, 5 and 2; all vowels, so that no word comes about; and 88, since there is no 8 and no two digits meet.
 */
const tailLetters = "CDFGHJKMNPQRTVWXY";
const tailDigits = "34679";

type Random = () => number;

const below = (end: number, random: Random): number => Math.min(end - 1, Math.max(0, Math.floor(random() * end) || 0));

function tail(length: number, random: Random): string {
  let made = "";
  while (made.length < length) {
    const from = made.length % 2 === 0 ? tailLetters : tailDigits;
    made += from[below(from.length, random)];
  }
  return made;
}

/** O beside 0 and I beside 1 are read wrongly. The other letters of a name explain themselves. */
const blurred = /O0|0O|I1|1I/;

/**
 * Words with the number behind them; then those where that seam would be read wrongly, with the number in front (15HEIDI)
 * or, where that is no better, without it (OLLI and 10).
 */
function bases(words: string[], number: string, tailLength = 0): string[] {
  const cut = words.map((word) => word.slice(0, maxLength - number.length - tailLength));
  const isClear = (word: string) => !blurred.test(word + number);
  return [
    ...cut.filter(isClear).map((word) => word + number),
    ...cut.filter((word) => !isClear(word)).map((word) => (blurred.test(number + word) ? word : number + word)),
  ];
}

/** The words that stand for a person, most welcome first. */
function wordsOf(name: string): string[] {
  const { given, surname } = nameParts(name);
  const short = given.slice(0, maxGiven);
  if (!surname) return short ? [short] : [];
  const full = given + surname;
  const words = [
    ...(given.length > 1 ? [short, short + surname[0]] : []),
    ...(full.length <= 17 ? [full] : []),
    surname.slice(0, maxGiven),
  ];
  return words.filter((word) => word.length > 1);
}

function* unscreened(name: string, percentOff: number, random: Random): Generator<string> {
  const percent = String(percentOff);
  // An offer without a whole number, or with one that nobody wants beside their name, leaves the number out.
  const number = /^([1-9]\d?|100)$/.test(percent) && !deniedNumbers.has(percent) ? percent : "";
  const words = wordsOf(name);

  yield* bases(words, number);
  for (const length of [2, 4]) {
    // Screened before the tail is on, which could otherwise complete a harmless name: NAZI and M9 read as NAZIM.
    const fit = bases(words, number, length).filter(isPresentable).slice(0, 3);
    for (const code of fit) for (let time = 0; time < 5; time++) yield code + tail(length, random);
  }
  const start = below(friendlyWords.length, random);
  for (const length of [0, 2, 4, 6]) {
    for (let step = 0; step < 5; step++) {
      const word = friendlyWords[(start + length * 5 + step) % friendlyWords.length]!;
      yield word + number + tail(length, random);
    }
  }
}

/**
 * Proposes promo codes for a person, best first: ANNA15, ANNAK15, ANNAKARENINA15, KARENINA15, then with a short random
 * tail, and at last friendly words that have nothing to do with the name (SUNNY15, MAPLE15K7). At most 60, all distinct,
 * all of A–Z and 0–9 with 3 to 20 characters, all fit to be seen in public. The last ones are drawn from millions, so a
 * caller who takes the first that is free finds one.
 * @param name as the person wrote it, in any script; may be empty
 * @param percentOff the offer; only whole percents from 1 to 100 show in the code
 * @param random gives numbers from 0 up to 1, like Math.random
 */
export function* codeCandidates(name: string, percentOff: number, random: Random): Generator<string> {
  const given = new Set<string>();
  for (const code of unscreened(name, percentOff, random)) {
    if (given.has(code) || !/^[A-Z0-9]{3,20}$/.test(code) || !isPresentable(code)) continue;
    given.add(code);
    yield code;
  }
}

export { type CodeVerdict, isAcceptableCode } from "./screen.ts";
