import { breathe, type Entry } from "./addresses.ts";

/** So many are hashed side by side. */
const batch = 500;

const hex = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * The SHA-256 of each entry, each once: what is a hash already stays as it is. All of it is done in the browser.
 * @throws Error where the browser may not hash, which it may on https and on this machine only
 */
export async function hashesOf(
  entries: readonly Entry[],
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (share: number) => void } = {},
): Promise<string[]> {
  // A browser leaves it out where a page came in the clear, whatever its types say.
  const subtle = (crypto as Partial<Crypto>).subtle;
  if (!subtle) throw new Error("Your browser only does this on a page that came by https. Open the portal by https.");
  const encoder = new TextEncoder();
  const hashes = new Set<string>();
  for (let at = 0; at < entries.length; at += batch) {
    const part = entries.slice(at, at + batch);
    const done = await Promise.all(
      part.map(async ({ kind, text }) =>
        kind === "hash" ? text : hex(await subtle.digest("SHA-256", encoder.encode(text))),
      ),
    );
    for (const each of done) hashes.add(each);
    onProgress?.(Math.min(1, (at + batch) / entries.length));
    await breathe();
    signal?.throwIfAborted();
  }
  return [...hashes];
}
