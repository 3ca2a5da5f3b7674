import type { Application } from "@laurel/contract";

/** Letters that are one of their own in Unicode, and that people look for without their stroke or ligature. */
const plain: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  þ: "th",
  ı: "i",
};

/** A text as it is compared: without case, accents and double spaces. */
export const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    // Lower case of İ is an i with a dot, which is one more accent.
    .replace(/\p{M}/gu, "")
    .replace(/[ßæœøłđðþı]/g, (letter) => plain[letter]!)
    .replace(/\s+/g, " ")
    .trim();

/** Everything in an application that a search looks at. */
const textOf = (application: Application): string =>
  fold(
    [
      application.name,
      application.niche,
      application.why,
      ...application.channels.flatMap(({ kind, handle = "", url = "" }) => [kind, handle, url]),
      ...application.answers.map(({ answer }) => answer),
    ].join("\n"),
  );

/**
 * Whether all words of a search stand somewhere in an application.
 * @param q words; their order does not matter
 */
export function searchFor(q: string): (application: Application) => boolean {
  const words = fold(q).split(" ");
  return (application) => {
    const text = textOf(application);
    return words.every((word) => text.includes(word));
  };
}
