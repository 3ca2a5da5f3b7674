import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { friendlyWords } from "./friendly-words.ts";
import { codeCandidates } from "./naming.ts";
import { isPresentable } from "./screen.ts";

/** A small generator of its own (mulberry32), so that a test says the same every time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
const candidates = (name: string, percentOff = 15, seed = 1) => [...codeCandidates(name, percentOff, seeded(seed))];
const isFriendly = (code: string) => friendlyWords.some((word) => code.startsWith(word));

describe("the first choice for a name", () => {
  test.each([
    ["Anna", "ANNA15"],
    ["  anna  ", "ANNA15"],
    ["Anna Schmidt", "ANNA15"],
    ["Schmidt, Anna", "ANNA15"],
    ["Dr. Anna Schmidt, PhD", "ANNA15"],
    ["Jürgen Groß", "JURGEN15"],
    ["Łukasz Żółć", "LUKASZ15"],
    ["Sinéad O’Connor", "SINEAD15"],
    ["O'Brien", "OBRIEN15"],
    ["Jean-Luc Picard", "JEANLUC15"],
    ["Nguyễn Thị Bích", "NGUYEN15"],
    ["Анна Каренина", "ANNA15"],
    ["Γιώργος Σεφέρης", "GIORGOS15"],
    ["محمد علي", "MHMD15"],
    ["\u202Eמרים\u202C", "MRYM15"],
    ["अनिता शर्मा", "ANITA15"],
    ["Անահիտ", "ANAHIT15"],
    ["王小明", "XIAOMING15"],
    ["欧阳娜娜", "NANA15"],
    ["김민수", "MINSU15"],
    ["김 민수", "MINSU15"],
    ["山田 はなこ", "HANAKO15"],
    ["マリア・ガルシア", "MARIA15"],
    ["Ａｎｎａ", "ANNA15"],
    ["𝓐𝓷𝓷𝓪", "ANNA15"],
    ["Anna 🎉👩‍👩‍👧 ♥", "ANNA15"],
    ["4nna 2000", "NNA15"],
    ["X", "X15"],
    ["J. K. Rowling", "JROWLING15"],
    ["A".repeat(3) + "b".repeat(197), "AAABBBBBBBBBBB15"],
    ["Heidi", "15HEIDI"],
    ["Heidi Klum", "HEIDIK15"],
    ["Hugo", "HUGO15"],
    ["Dick Cheney", "CHENEY15"],
    ["Sheila", "SHEILA15"],
    ["Ignazio", "IGNAZIO15"],
    ["Harshit Rana", "HARSHIT15"],
  ])("%s → %s", (name, first) => expect(candidates(name)[0]).toBe(first));

  test.each([
    "",
    "   ",
    "😀",
    "👩‍👩‍👧🏳️‍🌈",
    "♥ ★ ☺",
    "...",
    "123",
    "#️⃣",
    "\u0000\u202e",
    "Dr.",
    "Dick",
    "Hitler",
    "fuck",
    "💩 shit",
    "Nazi",
  ])("%j → a friendly word", (name) => {
    const [first] = candidates(name);
    expect(first).toMatch(/^[A-Z]+15$/);
    expect(isFriendly(first!)).toBe(true);
  });
});

describe("the order", () => {
  test("given name, initial, surname, tails, friendly words", () => {
    const all = candidates("Anna Schmidt");
    expect(all.slice(0, 4)).toEqual(["ANNA15", "ANNAS15", "ANNASCHMIDT15", "SCHMIDT15"]);
    expect(all.slice(4, 9).every((code) => /^ANNA15[A-Z]\d$/.test(code))).toBe(true);
    expect(all.slice(-20).every(isFriendly)).toBe(true);
    expect(all.findIndex(isFriendly)).toBe(all.length - 20);
  });

  test("three hundred Annas each find a code of their own", () => {
    const taken = new Set<string>();
    for (let each = 0; each < 300; each++) {
      const code = candidates("Anna", 15, each).find((candidate) => !taken.has(candidate));
      expect(code).toBeDefined();
      taken.add(code!);
    }
    expect(taken.size).toBe(300);
    expect([...taken].filter((code) => code.startsWith("ANNA15")).length).toBeGreaterThan(295);
  });

  test("the number is the offer's, and left out where there is none to show", () => {
    expect(candidates("Anna", 20)[0]).toBe("ANNA20");
    expect(candidates("Anna", 100)[0]).toBe("ANNA100");
    expect(candidates("Olli", 10)[0]).toBe("OLLI");
    for (const odd of [12.5, 0, -5, 101, Number.NaN, Number.POSITIVE_INFINITY, 88, 69])
      expect(candidates("Anna", odd)[0]).toBe("ANNA");
  });
});

test("whatever the name, offer and randomness: well formed, presentable, distinct, bounded, ending in friendly words", () => {
  const anyName = fc.oneof(
    fc.string({ unit: "binary", maxLength: 60 }),
    fc.string({ unit: "grapheme", maxLength: 60 }),
    fc
      .array(
        fc.constantFrom(
          "Anna",
          "Dick",
          "Heil",
          "Olli",
          "88",
          "fuck",
          "Io",
          "nazi",
          "😀",
          "李",
          "-",
          ",",
          "O'",
          "I",
          "O",
          "Ё",
        ),
        { maxLength: 6 },
      )
      .map((parts) => parts.join(" ")),
  );
  const anyOffer = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.double());
  const anyRandom = fc.oneof(
    fc.integer().map(seeded),
    fc.double().map((constant) => () => constant),
  );
  fc.assert(
    fc.property(anyName, anyOffer, anyRandom, (name, offer, random) => {
      const all = [...codeCandidates(name, offer, random)];
      expect(new Set(all).size).toBe(all.length);
      expect(all.length).toBeLessThanOrEqual(60);
      expect(all.length).toBeGreaterThanOrEqual(10);
      for (const code of all) {
        expect(code).toMatch(/^[A-Z0-9]{3,20}$/);
        expect(isPresentable(code)).toBe(true);
        expect(code).not.toMatch(/O0|0O|I1|1I/);
      }
      expect(isFriendly(all.at(-1)!)).toBe(true);
    }),
    { numRuns: 200 },
  );
});
