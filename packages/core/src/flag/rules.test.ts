import { readFileSync } from "node:fs";
import { flagRules } from "@laurel/contract";
import { expect, test } from "vitest";
import { chanceOf, honestYear } from "./honest.testing.ts";
import type { Mailbox, Recent, Situation } from "./rule.ts";
import { leftOut, rules, screen, sentencesOf, titleOf } from "./rules.ts";

const at = "2026-06-15T12:00:00.000Z";
const minutesBefore = (minutes: number) => new Date(Date.parse(at) - minutes * 60_000).toISOString();
const orders = (count: number, everyMinutes: number, more: Partial<Recent> = {}): Recent[] =>
  Array.from({ length: count }, (_, n) => ({
    at: minutesBefore(n * everyMinutes),
    code: "ANNA15",
    returned: false,
    ...more,
  }));
const mailbox = (foldedKey: string, domain: Mailbox["domain"] = "public", domainKey = "gmail"): Mailbox => ({
  key: `written ${foldedKey}`,
  foldedKey,
  domainKey,
  domain,
});
const none = { cards: [], addresses: [] };

/** An order that nobody would look at twice. */
const innocent: Situation = {
  at,
  attributedBy: "promotion_code",
  code: "ANNA15",
  buyer: { mailbox: mailbox("buyer"), marks: none },
  ambassador: { mailbox: mailbox("anna"), marks: none },
  click: undefined,
  recent: orders(1, 0),
  cut: false,
  clicks: 5,
};
const seenIn = (change: Partial<Situation>): string[] => screen({ ...innocent, ...change }).map(({ rule }) => rule);

const frauds: Record<string, { caught: Partial<Situation>; spared: Partial<Situation> }> = {
  own_email: {
    caught: { buyer: { mailbox: { ...mailbox("anna"), key: "anna+2" }, marks: none } },
    spared: { buyer: { mailbox: mailbox("annabelle"), marks: none } },
  },
  own_card: {
    caught: {
      buyer: { mailbox: mailbox("b"), marks: { cards: ["x"], addresses: [] } },
      ambassador: { mailbox: mailbox("anna"), marks: { cards: ["y", "x"], addresses: [] } },
    },
    spared: { buyer: { mailbox: mailbox("b"), marks: { cards: ["x"], addresses: [] } } },
  },
  own_address: {
    caught: {
      buyer: { mailbox: mailbox("b"), marks: { cards: [], addresses: ["x"] } },
      ambassador: { mailbox: mailbox("anna"), marks: { cards: [], addresses: ["x"] } },
    },
    spared: { buyer: { mailbox: mailbox("b"), marks: { cards: [], addresses: ["x"] } } },
  },
  same_domain: {
    caught: {
      buyer: { mailbox: mailbox("b", "private", "own"), marks: none },
      ambassador: { mailbox: mailbox("anna", "private", "own"), marks: none },
    },
    spared: { buyer: { mailbox: mailbox("b", "public", "gmail"), marks: none } },
  },
  disposable_email: {
    caught: { buyer: { mailbox: mailbox("b", "disposable", "gone"), marks: none } },
    spared: { buyer: { mailbox: undefined, marks: none } },
  },
  velocity: {
    caught: { recent: orders(30, 1), attributedBy: "click", clicks: 59 },
    spared: { recent: orders(30, 1), attributedBy: "click", clicks: 60 },
  },
  burst_without_clicks: {
    caught: { recent: [...orders(12, 100), ...orders(9, 3000).slice(1)], clicks: 5 },
    spared: { recent: [...orders(11, 100), ...orders(9, 3000).slice(1)], clicks: 5 },
  },
  coupon_site: {
    caught: { click: { couponSite: "coupons.example" } },
    spared: { click: {} },
  },
  paid_ads: { caught: { click: { ads: "gclid" } }, spared: { click: {} } },
  refund_rate: {
    caught: { recent: [...orders(6, 2000), ...orders(4, 2100, { returned: true })] },
    spared: { recent: [...orders(7, 2000), ...orders(3, 2100, { returned: true })] },
  },
};

test("an innocent order is not flagged", () => {
  expect(screen(innocent)).toEqual([]);
});

test.each(rules.map((rule) => [rule.name, rule] as const))(
  "%s catches its fraud and nothing just short of it",
  (name) => {
    const fraud = frauds[name]!;
    expect(seenIn(fraud.caught)).toEqual([name]);
    expect(seenIn(fraud.spared)).toEqual([]);
    // Switched off, it sees nothing.
    expect(screen({ ...innocent, ...fraud.caught }, { off: [name] })).toEqual([]);
    // What it saw is told in sentences, and none of them names a hash.
    const [finding] = screen({ ...innocent, ...fraud.caught });
    const sentences = sentencesOf(name, finding!.evidence);
    expect(sentences.length).toBeGreaterThan(0);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z0-9].*\.$/);
    expect(JSON.stringify([finding!.evidence, sentences])).not.toMatch(/undefined|NaN|"anna|home of|"[xy]"/);
  },
);

test("a threshold that the program sets is the one that counts", () => {
  const burst: Situation = { ...innocent, ...frauds.burst_without_clicks!.caught };
  expect(screen(burst, { thresholds: { burst_without_clicks: 13 } })).toEqual([]);
  expect(screen({ ...innocent, recent: orders(5, 1), clicks: 0 }, { thresholds: { velocity: 5 } })).toHaveLength(1);
});

test("all rules together flag less than 2 % of a year of honest orders", () => {
  const { situations } = honestYear(7, 42);
  const by = new Map<string, number>();
  let flagged = 0;
  for (const situation of situations) {
    const found = screen(situation);
    if (found.length > 0) flagged++;
    for (const { rule } of found) by.set(rule, (by.get(rule) ?? 0) + 1);
  }
  const share = (100 * flagged) / situations.length;
  console.info(
    `honest orders flagged: ${flagged} of ${situations.length}, ${share.toFixed(2)} % ${JSON.stringify(Object.fromEntries(by))}`,
  );
  expect(situations.length).toBeGreaterThan(10_000);
  expect(share).toBeLessThan(2);
  // The year has what could be mistaken for fraud, or the figure would say nothing.
  expect(flagged).toBeGreaterThan(20);
});

test("among honest orders each seeded fraud is still caught", () => {
  const { situations } = honestYear(11, 20);
  const chance = chanceOf(3);
  for (const [name, { caught }] of Object.entries(frauds))
    for (let n = 0; n < 20; n++) {
      const base = situations[Math.floor(chance() * situations.length)]!;
      // What a rule does not look at comes from an honest order.
      const own = Object.keys(caught);
      const mixed: Situation = { ...innocent, ...caught };
      for (const key of ["buyer", "ambassador", "click"] as const)
        if (!own.includes(key) && !(name === "own_email" && key === "ambassador"))
          Object.assign(mixed, { [key]: base[key] });
      if (name === "own_card" || name === "own_address" || name === "same_domain") Object.assign(mixed, caught);
      expect(screen(mixed).map(({ rule }) => rule)).toContain(name);
    }
});

/** The table of docs/fraud-signals.md, as the code has it. */
const table = (): string =>
  [
    "| signal | looks at | flags from | window | severity |",
    "|---|---|---|---|---|",
    ...rules.map(
      ({ title, name, looksAt, threshold, window, severity }) =>
        `| **${title}** (\`${name}\`) | ${looksAt} | ${threshold ? `${threshold.value} ${threshold.of}` : "the first"} | ${window} | ${severity} |`,
    ),
    ...leftOut.map(({ title, why }) => `| ${title} | not applied: ${why} | | | |`),
  ].join("\n");

test("the table in docs/fraud-signals.md is the one in the code", () => {
  expect(readFileSync("docs/fraud-signals.md", "utf8")).toContain(table());
});

test("every rule of the contract is in the table, and a person", () => {
  expect([...rules.map(({ name }) => name), "by_hand"]).toEqual([...flagRules]);
  expect(titleOf("by_hand")).toBe("Raised by a person");
  expect(sentencesOf("by_hand", { reason: "It looks odd." })).toEqual(["It looks odd."]);
});
