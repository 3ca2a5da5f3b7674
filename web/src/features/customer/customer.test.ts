import type { Job } from "@laurel/contract";
import { describe, expect, it } from "vitest";
import { normaliseEmail, sha256 } from "../../../../packages/core/src/kernel/secrecy.ts";
import * as data from "../../../test/mock/data.ts";
import { type Entry, entryOf, findCustomers, textOf } from "./addresses.ts";
import { hashesOf } from "./digest.ts";
import { linesInWords } from "./lines.ts";
import { beginning, goOn, isOver, resultOf, type Sent, shareOf } from "./run.ts";
import { rowsOf } from "./table.ts";

const cellsOf = (text: string) => [...rowsOf(text)].map(({ cells }) => cells);
const hash = "a".repeat(64);
const found = async (text: string) => {
  const { entries, ...rest } = await findCustomers(text);
  return { ...rest, texts: entries.map((entry) => entry.text) };
};

describe("a list", () => {
  it("is read with quotes, doubled quotes and line breaks in cells", () => {
    expect(cellsOf('name,email\n"Berg, Ada","ada@example.com"\n"say ""hi""",b@example.com\n')).toEqual([
      ["name", "email"],
      ["Berg, Ada", "ada@example.com"],
      ['say "hi"', "b@example.com"],
    ]);
    const rows = [...rowsOf('a,"two\r\nlines"\r\n\r\nb,c\rd,e')];
    expect(rows).toEqual([
      { line: 1, cells: ["a", "two\r\nlines"] },
      { line: 4, cells: ["b", "c"] },
      { line: 5, cells: ["d", "e"] },
    ]);
  });

  it("finds its own separator", () => {
    expect(cellsOf("a;b;c\n1;2,5;3")).toEqual([
      ["a", "b", "c"],
      ["1", "2,5", "3"],
    ]);
    expect(cellsOf("a\tb\n1\t2")).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
    expect(cellsOf('"x;y;z",b\n1,2')[0]).toEqual(["x;y;z", "b"]);
  });

  it("ends with the text, even within a quote", () => {
    expect(cellsOf('a,"b')).toEqual([["a", "b"]]);
    expect(cellsOf("")).toEqual([]);
    expect(cellsOf("\ufeffa,b")).toEqual([["a", "b"]]);
  });
});

describe("the customers of a list", () => {
  it("are found in whichever column holds them, below a head or without one", async () => {
    const text = "\ufeffId;Name;E-Mail;Orders\r\n1;Ada;Ada@Example.com ;3\r\n2;Bo;;1\r\n3;Cy;cy@example.com;2\r\n";
    expect(await found(text)).toEqual({
      rows: 3,
      repeated: 0,
      wrongLines: [3],
      texts: ["ada@example.com", "cy@example.com"],
    });
    expect((await found("ada@example.com\nbo@example.com")).texts).toHaveLength(2);
    expect(await found("sep=;\nmail;name\na@example.com;A\n")).toMatchObject({ rows: 1, wrongLines: [] });
  });

  it("may be addresses, hashes and addresses with names, mixed and pasted on one line", async () => {
    expect(
      await found(`ada@example.com, Bo <bo@example.com>\n"Berg, Cy" <mailto:cy@example.com>\n${hash.toUpperCase()}`),
    ).toEqual({
      rows: 3,
      repeated: 0,
      wrongLines: [],
      texts: ["ada@example.com", "bo@example.com", "cy@example.com", hash],
    });
  });

  it("are each taken once, and what is none is told by its line", async () => {
    expect(await found("email\na@example.com\nA@EXAMPLE.COM\nnot an address\n\nb@localhost\nc@example.com")).toEqual({
      rows: 5,
      repeated: 1,
      wrongLines: [4, 6],
      texts: ["a@example.com", "c@example.com"],
    });
  });

  it("are taken from the column with most of them where several have some", async () => {
    const text = "contact,note\na@example.com,\nb@example.com,asked by x@example.com\nc@example.com,boss@example.org\n";
    expect((await found(text)).texts).toEqual(["a@example.com", "b@example.com", "c@example.com", "boss@example.org"]);
    expect(await found("name,mail\nx,\ny,\nz,z@example.com")).toMatchObject({ wrongLines: [2, 3], rows: 3 });
  });

  it("are as many as there are, with turns for the page in between", async () => {
    const text = Array.from({ length: 100_000 }, (_, n) => `${n};"Name, of ${n}";customer-${n}@example.com`).join(
      "\r\n",
    );
    const shares: number[] = [];
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const { entries, wrongLines } = await findCustomers(text, { onProgress: (share) => shares.push(share) });
    clearInterval(timer);
    expect(entries).toHaveLength(100_000);
    expect(wrongLines).toEqual([]);
    expect(shares.length).toBe(50);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(turns).toBeGreaterThan(20);
  });

  it("are looked for no longer once nobody wants them", async () => {
    const control = new AbortController();
    const text = "a@example.com\n".repeat(10_000);
    await expect(
      findCustomers(text, { signal: control.signal, onProgress: () => control.abort(new Error("stop")) }),
    ).rejects.toThrow("stop");
  });
});

describe("a hash", () => {
  it("is the one that the program makes of the address, however it was written", async () => {
    for (const text of [" Ada.Berg+x@Example.COM", "zoë@exämple.org", "zoe\u0308@exämple.org", "ÅSA@EXAMPLE.SE\t"])
      expect(await hashesOf([entryOf(text)!])).toEqual([sha256(normaliseEmail(text))]);
  });

  it("that was given stays as it is, and meets its own address", async () => {
    const entries: Entry[] = [entryOf("a@example.com")!, entryOf(sha256("a@example.com").toUpperCase())!];
    expect(await hashesOf(entries)).toEqual([sha256("a@example.com")]);
  });
});

describe("a file", () => {
  const utf16 = (text: string) => new Uint8Array([0xff, 0xfe, ...Buffer.from(text, "utf16le")]);
  it("is text in the ways that spreadsheets write it, or none", () => {
    expect(textOf(new TextEncoder().encode("\ufeffa@b.co"))).toBe("a@b.co");
    expect(textOf(utf16("a@b.co"))).toBe("a@b.co");
    expect(textOf(new Uint8Array([0x50, 0x4b, 3, 4]))).toBeUndefined();
    expect(textOf(new Uint8Array([0, 1, 2]))).toBeUndefined();
  });
});

describe("sending", () => {
  const hashes = Array.from({ length: 4500 }, (_, n) => sha256(String(n)));
  const job = (id: string, total: number, more: Partial<Job> = {}): Job => ({
    ...data.job(1),
    id: id as Job["id"],
    kind: "customers.import",
    state: "waiting",
    counts: { total, done: 0, refused: 0 },
    ...more,
  });
  const done = (each: Job): Job => ({
    ...each,
    state: "done",
    counts: { ...each.counts, done: each.counts.total - 1, refused: 1 },
  });
  const signal = new AbortController().signal;

  it("goes in parts, waits for all of them, and goes on after an error where it stopped", async () => {
    const jobs = new Map<string, Job>();
    const sizes: number[] = [];
    let failing = 1;
    const outside = {
      send: async (part: readonly string[]) => {
        if (sizes.length === 1 && failing-- > 0) throw new Error("no connection");
        sizes.push(part.length);
        const made = job(`job_${sizes.length}`, part.length);
        jobs.set(made.id, made);
        return made;
      },
      look: async (id: string) => {
        const next = done(jobs.get(id)!);
        jobs.set(id, next);
        return next;
      },
      wait: async () => {},
    };
    let sent: Sent = beginning(hashes);
    const shares: number[] = [];
    const onStep = (next: Sent) => {
      sent = next;
      shares.push(shareOf(next));
    };
    await expect(goOn(sent, outside, { signal, onStep })).rejects.toThrow("no connection");
    expect(sent.parts).toBe(1);
    expect(isOver(sent)).toBe(false);
    await goOn(sent, outside, { signal, onStep });
    expect(sizes).toEqual([2000, 2000, 500]);
    expect(isOver(sent)).toBe(true);
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(resultOf(sent)).toEqual({ added: 4497, known: 3, left: 0, error: undefined });
  });

  it("says how many were left when a part gave up", () => {
    const failed = job("job_9", 10, { state: "failed", error: "Gave up.", counts: { total: 10, done: 4, refused: 1 } });
    expect(resultOf({ hashes, parts: 3, jobs: [failed] })).toEqual({ added: 4, known: 1, left: 5, error: "Gave up." });
  });
});

describe("lines", () => {
  it("are told as spans, and not all of very many", () => {
    expect(linesInWords([4, 7, 8, 12, 13, 14])).toEqual({ text: "4, 7, 8, 12 to 14", more: 0 });
    expect(linesInWords([1, 3, 5, 7], 2)).toEqual({ text: "1, 3", more: 2 });
  });
});
