import anyAscii from "any-ascii";

/** What a code can be made of: A–Z only, either may be empty. */
export interface NameParts {
  given: string;
  surname: string;
}

const titles = new Set("DR PROF MR MRS MS MISS MX SIR FRAU HERR".split(" "));
const suffixes = new Set("JR SR II III PHD MD MBA".split(" "));

/** Scripts whose people write the surname first. Katakana is left out: it spells foreign names, given name first. */
const surnameFirst = /^[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}]+$/u;

/**
 * Only letters and what joins them: `any-ascii` would spell out emoji and symbols as words (":hearts:"), and digits in a
 * name would run into the offer's number. Modifier letters (ʻokina, ʿayn) go with them.
 */
const lettersOnly = (name: string): string =>
  name
    .normalize("NFKC")
    .replace(/(\p{L})々/gu, "$1$1")
    .replace(/[\p{Cf}\p{Me}\p{Lm}\p{Pd}'’‘`´]/gu, "")
    .replace(/[^\p{L}\p{M},]+/gu, " ")
    .trim();

const latin = (text: string): string =>
  anyAscii(text)
    .toUpperCase()
    .replace(/[^A-Z]/g, "");

/** Splits a short word of Han or Hangul: one sign of surname, two in words of four (諸葛孔明, 山田太郎). */
function splitUnspaced(word: string): NameParts {
  const signs = [...word];
  if (signs.length < 2 || signs.length > 4) return { given: latin(word), surname: "" };
  const cut = signs.length === 4 ? 2 : 1;
  return { given: latin(signs.slice(cut).join("")), surname: latin(signs.slice(0, cut).join("")) };
}

/**
 * Finds given name and surname in what a person wrote, in any script, and spells them in A–Z.
 * A guess by nature, and a harmless one: the name is only used to make a code that its owner recognises.
 */
export function nameParts(name: string): NameParts {
  const [before = "", after = ""] = lettersOnly(name)
    .split(",", 2)
    .map((part) => part.trim());
  const words = (text: string) =>
    text.split(/\s+/).filter((word) => {
      const plain = latin(word);
      return plain !== "" && !titles.has(plain) && !suffixes.has(plain);
    });
  const [first, second] = [words(before), words(after)];
  // "Schmidt, Anna" is the other way round; "Anna Schmidt, PhD" is not.
  const all = second.length > 0 ? [...second, ...first] : first;

  if (all.length === 0) return { given: "", surname: "" };
  if (all.length === 1) {
    const only = all[0]!;
    return /^[\p{Script=Han}\p{Script=Hangul}]+$/u.test(only)
      ? splitUnspaced(only)
      : { given: latin(only), surname: "" };
  }
  const inOrder = second.length === 0 && all.every((word) => surnameFirst.test(word)) ? [...all].reverse() : all;
  return { given: latin(inOrder[0]!), surname: latin(inOrder.at(-1)!) };
}
