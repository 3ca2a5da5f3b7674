/** A `Storage` for tests of what the portal keeps in the browser. */
export class MemoryStorage implements Storage {
  #kept = new Map<string, string>();
  get length() {
    return this.#kept.size;
  }
  clear = () => this.#kept.clear();
  getItem = (key: string) => this.#kept.get(key) ?? null;
  key = (index: number) => [...this.#kept.keys()][index] ?? null;
  removeItem = (key: string) => void this.#kept.delete(key);
  setItem = (key: string, value: string) => void this.#kept.set(key, value);
}
