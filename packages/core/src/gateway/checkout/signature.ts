import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Whether a header is base64(HMAC-SHA256(body, secret)) under one of the secrets, compared in constant time. Several are valid
 * while one is being rolled. A header of another length or alphabet (hex, URL-safe base64, spaces) does not hold and is never
 * thrown at; an empty secret signs nothing.
 */
export function isSignedBase64(body: Uint8Array, header: string | undefined, secrets: readonly string[]): boolean {
  if (!header || !/^[A-Za-z0-9+/]{43}=$/.test(header)) return false;
  const given = Buffer.from(header, "base64");
  let held = false;
  // Every secret is tried, so that the time tells nothing about which one held.
  for (const secret of secrets) {
    if (secret.trim() === "") continue;
    const expected = createHmac("sha256", secret).update(body).digest();
    if (given.length === expected.length && timingSafeEqual(given, expected)) held = true;
  }
  return held;
}
