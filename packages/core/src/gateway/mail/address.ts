import { domainToASCII } from "node:url";

/** What would end a header line, hide text or turn its direction around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point
const unsafe = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/g;

/** One line of text that is safe to stand in a header. */
export const headerText = (text: string): string => text.replace(unsafe, " ").replace(/ {2,}/g, " ").trim();

/**
 * One plain address, local@domain, with the domain in ASCII; undefined for anything else: a list, a display name, a line
 * break, a quoted local part, or letters before the @ that SES does not carry.
 */
export function plainAddress(address: string): string | undefined {
  if (address.length > 254) return undefined;
  const match = /^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64})@([^\s@<>()[\]\\,;:"]+)$/.exec(address);
  if (!match) return undefined;
  const domain = domainToASCII(match[2]!);
  return /^[a-z0-9-]+(\.[a-z0-9-]+)*$/i.test(domain) ? `${match[1]}@${domain}` : undefined;
}

/** RFC 2047 allows 75 characters for an encoded word, of which 12 are frame: 45 bytes make 60 in Base64. */
const bytesPerWord = 45;

function encodedWords(text: string): string {
  const words: string[] = [];
  let part = "";
  for (const sign of text) {
    if (Buffer.byteLength(part + sign) > bytesPerWord) {
      words.push(part);
      part = "";
    }
    part += sign;
  }
  words.push(part);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString("base64")}?=`).join(" ");
}

/**
 * A From header's value: `"Name" <address>`, quoted (RFC 5322) or, where there are other letters than ASCII, encoded
 * (RFC 2047), so that no name can add an address or a header.
 */
export function mailbox(name: string, address: string): string {
  const text = [...headerText(name)].slice(0, 100).join("");
  if (!text) return address;
  const shown =
    /^[\x20-\x7e]*$/.test(text) && !text.includes("=?") ? `"${text.replace(/["\\]/g, "\\$&")}"` : encodedWords(text);
  return `${shown} <${address}>`;
}
