import { isUtf8 } from "node:buffer";

const ageLimitS = 300;

/**
 * Checks a `Stripe-Signature` header over the bytes that arrived, against one secret.
 * Stripe's SDK does the cryptography; what it is lenient about is refused here first: a time in the future or one that
 * is no number, a byte order mark (its decoder would drop it) and bytes that are not UTF-8 (it would replace them).
 * @returns whether it holds; never throws for what a sender can put into header or body
 */
export async function verifySignature(rawBody: Uint8Array, header: string, secret: string): Promise<boolean> {
  const receivedAtMs = Date.now();
  if (!isRecent(header, Math.floor(receivedAtMs / 1000)) || hasByteOrderMark(rawBody) || !isUtf8(rawBody)) return false;
  const { default: Stripe } = await import("stripe");
  try {
    return (
      (await Stripe.webhooks.signature?.verifyHeaderAsync(
        rawBody,
        header,
        secret,
        ageLimitS,
        undefined,
        receivedAtMs,
      )) === true
    );
  } catch {
    return false;
  }
}

/** Every `t` of the header must be near: Node joins a header that was sent twice, and the SDK believes the last one. */
function isRecent(header: unknown, nowS: number): boolean {
  if (typeof header !== "string") return false;
  const times = header.split(",").flatMap((part) => (part.startsWith("t=") ? [part.slice(2)] : []));
  return (
    times.length > 0 && times.every((time) => /^\d{1,12}$/.test(time) && Math.abs(nowS - Number(time)) <= ageLimitS)
  );
}

const hasByteOrderMark = (bytes: Uint8Array): boolean => bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
