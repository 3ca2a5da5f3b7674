/** A row of a list, and the line of the file on which it begins. */
export interface Row {
  line: number;
  cells: string[];
}

const delimiters = [",", ";", "\t", "|"] as const;

/** The separator of a list: the one that stands most often outside of quotes in its first lines. */
export function delimiterOf(text: string): string {
  const counts = new Map<string, number>();
  let quoted = false;
  for (const sign of text.slice(0, 20_000)) {
    if (sign === '"') quoted = !quoted;
    else if (!quoted && (delimiters as readonly string[]).includes(sign)) counts.set(sign, (counts.get(sign) ?? 0) + 1);
  }
  return [...counts].toSorted(([, a], [, b]) => b - a)[0]?.[0] ?? ",";
}

/**
 * The rows of a list as spreadsheets and shops write it: quotes around cells, doubled inside of them, line breaks in quoted
 * cells, any of the three ends of a line. Lines without anything are left out, and still counted. Read as it is asked for,
 * so that a long list can be worked on in slices.
 */
export function* rowsOf(text: string, delimiter = delimiterOf(text)): Generator<Row> {
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const began = line;
    const cells: string[] = [];
    let cell = "";
    for (;;) {
      const sign = text[at];
      if (sign === '"' && cell.trim() === "") {
        const end = closing(text, at + 1);
        const inside = text.slice(at + 1, end);
        line += breaksIn(inside);
        cell = inside.replaceAll('""', '"');
        // What stands behind the quote belongs to the cell: mail programs write "Berg, Ada" <ada@example.com>.
        at = end + 1;
        continue;
      }
      if (sign === delimiter) {
        cells.push(cell);
        cell = "";
        at++;
        continue;
      }
      if (sign === undefined || sign === "\n" || sign === "\r") {
        cells.push(cell);
        at += sign === "\r" && text[at + 1] === "\n" ? 2 : 1;
        line++;
        break;
      }
      const next = endOfRun(text, at + 1, delimiter);
      cell += text.slice(at, next);
      at = next;
    }
    if (cells.some((each) => each.trim() !== "")) yield { line: began, cells };
  }
}

/** Where a quoted cell ends: at a quote that is not doubled, or with the text. */
function closing(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at === -1 ? text.length : at;
}

const breaksIn = (text: string): number => text.match(/\r\n|\r|\n/g)?.length ?? 0;

function endOfRun(text: string, from: number, delimiter: string): number {
  let at = from;
  while (at < text.length) {
    const sign = text[at];
    if (sign === delimiter || sign === "\n" || sign === "\r") break;
    at++;
  }
  return at;
}
