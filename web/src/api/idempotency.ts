/**
 * Keys for `Idempotency-Key`: one per intent, not per try. The same request sent again because no definite answer came
 * (no network, a 5xx, a limit) carries the same key, so that it cannot be done twice; once an answer is definite,
 * the next press is a new intent.
 */
export function createKeyring(newKey: () => string = () => crypto.randomUUID()) {
  const open = new Map<string, string>();
  const nameOf = (method: string, path: string, body: unknown) => `${method} ${path} ${JSON.stringify(body ?? null)}`;

  return {
    keyFor(method: string, path: string, body: unknown): string {
      const name = nameOf(method, path, body);
      const key = open.get(name) ?? newKey();
      open.set(name, key);
      return key;
    },
    /** To be told of every answer; `status` 0 is none. */
    settle(method: string, path: string, body: unknown, status: number): void {
      const unknownOutcome = status === 0 || status === 429 || status >= 500;
      if (!unknownOutcome) open.delete(nameOf(method, path, body));
    },
  };
}
