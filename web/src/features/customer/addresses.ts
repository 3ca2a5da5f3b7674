import { type Row, rowsOf } from "./table.ts";

/** As the API has it: enough to tell an address from a name. */
const address = /^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/;
const hash = /^[0-9a-f]{64}$/i;

/** An entry as it is compared: an address trimmed, in Unicode form C and small letters, or a SHA-256 in small letters. */
export interface Entry {
  kind: "address" | "hash";
  text: string;
}

/** What a cell holds, where it is an address or a hash: `Ada <ada@example.com>` and `mailto:` links are addresses too. */
export function entryOf(cell: string): Entry | undefined {
  const bare = cell.replaceAll(/[\u200b-\u200d\u2060\ufeff]/g, "").trim();
  const inner = /<([^<>]+)>\s*$/.exec(bare)?.[1] ?? bare;
  const text = inner
    .replace(/^mailto:/i, "")
    .normalize("NFC")
    .trim()
    .toLowerCase();
  if (hash.test(text)) return { kind: "hash", text };
  return text.length <= 320 && address.test(text) ? { kind: "address", text } : undefined;
}

const sampled = 200;

/** The column that holds the addresses: the one with most of them, or among equals the one that says so in its head. */
export function columnOf(rows: readonly Row[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of rows)
    for (const [at, cell] of cells.entries()) if (entryOf(cell)) counts.set(at, (counts.get(at) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const best = [...counts].flatMap(([at, count]) => (count === most ? [at] : [])).toSorted((a, b) => a - b);
  const named = best.find((at) => /e-?mail|adress|address|sha-?256|hash/i.test(rows[0]?.cells[at] ?? ""));
  return named ?? best[0] ?? 0;
}

export interface Found {
  /** Each once, in their order. */
  entries: Entry[];
  /** Rows that were read, the head apart. */
  rows: number;
  /** How many stood there more than once. */
  repeated: number;
  /** Lines that hold no address where one should be. */
  wrongLines: number[];
}

/** The line in which Excel names its separator, before all others. */
const separator = /^sep=/i;

/** How many rows are read before the page gets its turn. */
const slice = 2000;

/** Lets the browser draw, and hear the person. */
export const breathe = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * The customers of a list, whatever else stands in it. It works in slices, and says after each how far it is (0 to 1).
 * @throws the signal's reason once it is aborted
 */
export async function findCustomers(
  text: string,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (share: number) => void } = {},
): Promise<Found> {
  const sample: Row[] = [];
  for (const row of rowsOf(text)) if (sample.push(row) >= sampled) break;
  const column = columnOf(sample);

  const seen = new Set<string>();
  const found: Found = { entries: [], rows: 0, repeated: 0, wrongLines: [] };
  const lines = countOf(text, "\n") + 1;
  let headless = false;
  let read = 0;
  for (const row of rowsOf(text)) {
    const filled = row.cells.filter((cell) => cell.trim() !== "");
    const all = filled.map(entryOf);
    // A row of addresses and nothing else is a list of its own, as somebody pastes it.
    const those = all.every((entry) => entry !== undefined) ? all : [entryOf(row.cells[column] ?? "")];
    const [only] = those;
    const head = !headless && only === undefined && /^[^@]*\S[^@]*$/.test(row.cells[column] ?? "");
    if (separator.test(row.cells[0] ?? "")) continue;
    headless = true;
    if (!head) {
      found.rows += 1;
      if (only === undefined) found.wrongLines.push(row.line);
      for (const entry of those) {
        if (!entry) continue;
        if (seen.has(entry.text)) found.repeated += 1;
        else {
          seen.add(entry.text);
          found.entries.push(entry);
        }
      }
    }
    if (++read % slice === 0) {
      onProgress?.(Math.min(1, row.line / lines));
      await breathe();
      signal?.throwIfAborted();
    }
  }
  return found;
}

function countOf(text: string, sign: string): number {
  let count = 0;
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) count++;
  return count;
}

/** The text of a file as spreadsheets save it: UTF-8, or UTF-16 where it says so. Undefined for one that is no text. */
export function textOf(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return bytes.subarray(0, 4096).includes(0) || isZip(bytes) ? undefined : new TextDecoder().decode(bytes);
}

/** Workbooks of Excel and LibreOffice are archives. */
const isZip = (bytes: Uint8Array): boolean => bytes[0] === 0x50 && bytes[1] === 0x4b;
