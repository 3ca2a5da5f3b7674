const key = "laurel.return";
const lifeMs = 20 * 60_000;

/** Only a path of this portal may be returned to: nothing that a browser would take for another host. */
export function safePath(path: string | null | undefined): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop them, so a path with one is not what it looks like
  if (!path?.startsWith("/") || /^\/[/\\]/.test(path) || /[\u0000-\u001f\\]/.test(path)) return undefined;
  return path.startsWith("/sign-in") ? undefined : path;
}

/** Keeps the path while the person goes to their mail; the link there may open in another tab. */
export function rememberPath(path: string | undefined, store: Storage = localStorage, nowMs = Date.now()): void {
  const safe = safePath(path);
  try {
    if (safe) store.setItem(key, JSON.stringify({ path: safe, at: nowMs }));
    else store.removeItem(key);
  } catch {
    // Storage may be full or forbidden; then the person lands on their first page.
  }
}

/** The kept path, once. */
export function takePath(store: Storage = localStorage, nowMs = Date.now()): string | undefined {
  try {
    const kept = JSON.parse(store.getItem(key) ?? "null") as { path?: unknown; at?: unknown } | null;
    store.removeItem(key);
    if (!kept || typeof kept.path !== "string" || typeof kept.at !== "number" || nowMs - kept.at > lifeMs)
      return undefined;
    return safePath(kept.path);
  } catch {
    return undefined;
  }
}
