import * as z from "zod";

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
const oneLine = /^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
const manyLines = /^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]*$/;

/** Text of one line: trimmed, normalised (NFC), without control characters. */
export const line = (max: number, min = 1) =>
  z
    .string()
    .transform((value) => value.normalize("NFC").trim())
    .pipe(
      z
        .string()
        .min(min, min === 1 ? "is missing" : `needs at least ${min} characters`)
        .max(max, `has at most ${max} characters`)
        .regex(oneLine, "has a control character"),
    )
    // A transform hides what follows it from the API's document.
    .meta({ minLength: min, maxLength: max });

/** Text of several lines: as `line`, but line breaks and tabs are kept. */
export const prose = (max: number, min = 1) =>
  z
    .string()
    .transform((value) => value.normalize("NFC").replace(/\r\n?/g, "\n").trim())
    .pipe(
      z
        .string()
        .min(min, min === 1 ? "is missing" : `needs at least ${min} characters`)
        .max(max, `has at most ${max} characters`)
        .regex(manyLines, "has a control character"),
    )
    .meta({ minLength: min, maxLength: max });

/** An e-mail address, trimmed and normalised; its case is kept, look-ups fold it. */
export const email = z
  .string()
  .transform((value) => value.normalize("NFC").trim())
  .pipe(z.email("is not an e-mail address").max(254, "has at most 254 characters"))
  .meta({ example: "ada@example.com", format: "email", maxLength: 254 });

/** ISO 3166-1 alpha-2, upper case. */
export const country = z
  .string()
  .transform((value) => value.trim().toUpperCase())
  .pipe(z.string().regex(/^[A-Z]{2}$/, "is not a two-letter country code"))
  .meta({ example: "DE" });

/** ISO 4217, upper case. */
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, "is not a three-letter currency code")
  .meta({ example: "EUR" });

/** An amount in minor units of its currency: 1234 EUR is 12.34 €, 1234 JPY is 1,234 ¥. */
export const minor = z.int().meta({ example: 1234 });

/** An instant, ISO 8601 in UTC. */
export const instant = z.iso.datetime().meta({ example: "2026-01-31T12:00:00.000Z" });

/** A calendar day in the program's time zone. */
export const day = z.iso.date().meta({ example: "2026-01-31" });

export const httpUrl = z
  .string()
  .trim()
  .max(500, "has at most 500 characters")
  .refine((value) => {
    try {
      return ["https:", "http:"].includes(new URL(value).protocol);
    } catch {
      return false;
    }
  }, "is not a web address that starts with https://");

/** A promo code: A–Z and 0–9, 3 to 20 characters. Compared without regard to case. */
export const promoCode = z
  .string()
  .transform((value) => value.trim().toUpperCase())
  .pipe(z.string().regex(/^[A-Z0-9]{3,20}$/, "has 3 to 20 characters, A to Z and 0 to 9"))
  .meta({ example: "ANNA15" });

/** What a link in a mail carries in its fragment. */
export const linkToken = z
  .string()
  .min(1, "is missing")
  .max(400, "has at most 400 characters")
  .regex(/^[A-Za-z0-9._~-]*$/, "is not one of our links' tokens");

/** The opaque place in a list; hand back what the page before gave. */
export const cursor = z
  .string()
  .min(1, "is missing")
  .max(1000, "has at most 1000 characters")
  .regex(/^[A-Za-z0-9_-]*$/, "is not one that a list gave out");

export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    cursor: cursor.nullable().meta({ description: "Where the next page begins; null on the last page" }),
  });
