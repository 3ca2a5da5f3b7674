import { DataSet, englishDataset, englishRecommendedTransformers, RegExpMatcher } from "obscenity";
import { allowedNames } from "./allow.ts";
import { deniedAlone, deniedAnywhere, deniedDigits, deniedNumbers, deniedWithNumber, reserved } from "./deny.ts";

/** Built at the first code: most functions that know codes never name one. */
let matcher: RegExpMatcher | undefined;

function english(): RegExpMatcher {
  matcher ??= new RegExpMatcher({
    ...new DataSet<{ originalWord: string }>()
      .addAll(englishDataset)
      .addPhrase((phrase) => {
        phrase.setMetadata({ originalWord: "names" });
        for (const name of allowedNames) phrase.addWhitelistedTerm(name);
        return phrase;
      })
      .build(),
    ...englishRecommendedTransformers,
  });
  return matcher;
}

/** Digits as people read them for letters, from 0 up. */
const asLetters = "oizeasgtbg";
const fold = (text: string): string => text.replace(/\d/g, (digit) => asLetters[Number(digit)]!);

/**
 * All the ways in which people may read a code: as it stands, without its digits, and with digits read as letters.
 * 1 is an L only before a letter or at the end: codes are shown in upper case, and ANA15 must not read as "anals".
 */
function readings(code: string): Set<string> {
  const text = code.toLowerCase();
  const trimmed = text.replace(/^\d+|\d+$/g, "");
  return new Set([
    text,
    trimmed,
    text.replace(/\d/g, ""),
    ...(text.match(/[a-z]+/g) ?? []),
    fold(text),
    fold(trimmed),
    fold(text.replace(/1(?!\d)/g, "l")),
  ]);
}

/** Whether the part of `text` from `start` to `end` lies inside a name that is known to be harmless. */
const forgiven = (text: string, start: number, end: number): boolean =>
  allowedNames.some((name) => {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
      if (at <= start && end <= at + name.length) return true;
    return false;
  });

function hasDenied(text: string): boolean {
  if (deniedAlone.some((word) => text === word || text === `${word}s`)) return true;
  return deniedAnywhere.some((word) => {
    for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
      if (!forgiven(text, at, at + word.length)) return true;
    return false;
  });
}

const isReserved = (code: string): boolean => reserved.includes(code.toLowerCase().replace(/^\d+|\d+$/g, ""));

function hasDeniedNumber(code: string): boolean {
  if (deniedWithNumber.has(code)) return true;
  return (code.match(/\d+/g) ?? []).some(
    (run) => deniedNumbers.has(run) || deniedDigits.some((digits) => run.includes(digits)),
  );
}

/** Whether a code, A–Z and 0–9, may stand in public beside a brand and a person's name. */
export function isPresentable(code: string): boolean {
  if (hasDeniedNumber(code) || isReserved(code)) return false;
  for (const text of readings(code)) if (hasDenied(text) || english().hasMatch(text)) return false;
  return true;
}

export type CodeVerdict = { ok: true } | { ok: false; reason: string };

/**
 * Judges a code that a person chose.
 * @param code trimmed and in upper case, as the contract's `promoCode` gives it
 * @returns where refused, a reason that goes on from the field's name: "code cannot be …"
 */
export function isAcceptableCode(code: string): CodeVerdict {
  if (!/^[A-Z0-9]{3,20}$/.test(code)) return { ok: false, reason: "has 3 to 20 characters, A to Z and 0 to 9" };
  if (/^\d+$/.test(code)) return { ok: false, reason: "needs at least one letter" };
  if (isReserved(code))
    return { ok: false, reason: "is a word that shoppers would take for something else; choose another" };
  if (!isPresentable(code))
    return { ok: false, reason: "cannot be used in public, since it may be read as something unkind; choose another" };
  return { ok: true };
}
