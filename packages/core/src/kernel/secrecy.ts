import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** Keys of the deployment. They never leave the process; rotating one keeps the older version while rows use it. */
export interface Keys {
  /** Names the version in use; it is stored beside what was derived with it. */
  version: string;
  /** Derives the look-up keys of e-mail addresses. */
  email: string;
  /** Signs links that carry a right, such as an application's status link. */
  link: string;
}

export const sha256 = (value: string | Uint8Array): string => createHash("sha256").update(value).digest("hex");

/** Trim, NFC and lower case: enough to find a person again, never enough to join two mailboxes into one. */
export const normaliseEmail = (email: string): string => email.normalize("NFC").trim().toLowerCase();

/** The look-up key of an e-mail address: HMAC-SHA256(key, SHA-256(normalised address)), cut to 160 bits. */
export const emailKey = (keys: Keys, email: string): string => emailKeyOfHash(keys, sha256(normaliseEmail(email)));

/** The same from a SHA-256 that was made elsewhere, so that a list of customers can be imported without addresses. */
export const emailKeyOfHash = (keys: Keys, emailSha256: string): string =>
  `${keys.version}.${createHmac("sha256", keys.email).update(emailSha256.toLowerCase()).digest("hex").slice(0, 40)}`;

const mac = (keys: Keys, purpose: string, subject: string): string =>
  createHmac("sha256", keys.link).update(`${purpose}\n${subject}`).digest("base64url");

/** A link that proves its own right and is stored nowhere. */
export const signLink = (keys: Keys, purpose: string, subject: string): string =>
  `${subject}.${mac(keys, purpose, subject)}`;

/** The subject of a link if its signature holds, else undefined. */
export function readLink(keys: Keys, purpose: string, token: string): string | undefined {
  const dot = token.lastIndexOf(".");
  if (dot < 1) return undefined;
  const subject = token.slice(0, dot);
  return sameSecret(token.slice(dot + 1), mac(keys, purpose, subject)) ? subject : undefined;
}

/** Compares in constant time, whatever the lengths. */
export function sameSecret(a: string, b: string): boolean {
  return timingSafeEqual(createHash("sha256").update(a).digest(), createHash("sha256").update(b).digest());
}
