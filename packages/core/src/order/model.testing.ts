import fc from "fast-check";

/** What a run of the model test is made of: people, purchases and what becomes of them. How events arrive follows from `chance`. */
export interface Story {
  people: { appliesTwice: boolean; decidedTwice: boolean; better: boolean }[];
  purchases: PurchaseStory[];
  chance: number;
}

export interface PurchaseStory {
  /** Whose it should be; beyond the people there are, nobody's. */
  who: number;
  by: "code" | "code that must be looked up" | "click" | "code of the shop's own" | "nothing";
  pays: "at once" | "slowly" | "never";
  currency: "eur" | "jpy" | "kwd";
  total: number;
  /** Tax and shipping, hundredths of the total. */
  aside: number;
  knownBuyer: boolean;
  /** Some merchants subscribe to the sums of a charge and to failures, and not to the refunds themselves. */
  sumsOnly: boolean;
  refunds: { share: number; fails: boolean; whenMade: boolean }[];
  /** Whether all that is left goes back in the end. */
  inFull: boolean;
}

/** Whether a buyer whom somebody may have brought before buys again without any code or link. */
export const comesBack = ({ by, knownBuyer, pays }: PurchaseStory): boolean =>
  by === "nothing" && knownBuyer && pays !== "never";

const refunds = fc.array(
  fc.record({ share: fc.integer({ min: 1, max: 70 }), fails: fc.boolean(), whenMade: fc.boolean() }),
  { maxLength: 3 },
);

const purchase: fc.Arbitrary<PurchaseStory> = fc
  .record({
    who: fc.nat(3),
    by: fc.constantFrom<PurchaseStory["by"][]>(
      "code",
      "code",
      "code that must be looked up",
      "click",
      "code of the shop's own",
      "nothing",
      "nothing",
    ),
    pays: fc.constantFrom<PurchaseStory["pays"][]>("at once", "at once", "slowly", "never"),
    currency: fc.constantFrom<PurchaseStory["currency"][]>("eur", "eur", "jpy", "kwd"),
    total: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 500_000 })),
    aside: fc.integer({ min: 0, max: 60 }),
    knownBuyer: fc.boolean(),
    sumsOnly: fc.boolean(),
    refunds,
    inFull: fc.boolean(),
  })
  // Where nothing is to pay, nothing is waited for.
  .map((each) => (each.total === 0 ? { ...each, pays: "at once" } : each));

export const stories: fc.Arbitrary<Story> = fc.record({
  people: fc.array(fc.record({ appliesTwice: fc.boolean(), decidedTwice: fc.boolean(), better: fc.boolean() }), {
    minLength: 1,
    maxLength: 3,
  }),
  purchases: fc.array(purchase, { minLength: 1, maxLength: 6 }),
  chance: fc.nat(2 ** 31 - 1),
});

/** Numbers from 0 up to 1 that follow from a seed (xorshift32). */
export function chanceOf(seed: number): () => number {
  let state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** One thing that happens to a purchase's money, at a second of its own. */
export type Happening =
  | { at: number; what: "bought"; paid: boolean }
  | { at: number; what: "paid" | "payment failed" }
  | { at: number; what: "refund"; id: number; amount: number; standing: number }
  | { at: number; what: "refund failed"; id: number; amount: number };

/** What happens to a purchase, in the order of time, and what stands refunded when all is over. */
export function happenings(purchase: PurchaseStory): { all: Happening[]; refunded: number } {
  const all: Happening[] = [{ at: 0, what: "bought", paid: purchase.pays === "at once" }];
  if (purchase.pays === "slowly") all.push({ at: 5, what: "paid" });
  if (purchase.pays === "never") all.push({ at: 5, what: "payment failed" });
  if (purchase.pays === "never") return { all, refunded: 0 };
  let at = 10;
  let standing = 0;
  const toFail: { id: number; amount: number }[] = [];
  const refund = (amount: number): number => {
    const id = at;
    standing += amount;
    all.push({ at, what: "refund", id, amount, standing });
    at += 10;
    return id;
  };
  const fail = ({ id, amount }: { id: number; amount: number }): void => {
    standing -= amount;
    all.push({ at, what: "refund failed", id, amount });
    at += 10;
  };
  for (const { share, fails, whenMade } of purchase.refunds) {
    const amount = Math.min(Math.ceil((purchase.total * share) / 100), purchase.total - standing);
    if (amount === 0) continue;
    const made = { id: refund(amount), amount };
    if (fails && whenMade) fail(made);
    else if (fails) toFail.push(made);
  }
  for (const made of toFail) fail(made);
  if (purchase.inFull && purchase.total > standing) refund(purchase.total - standing);
  return { all, refunded: standing };
}

/** What a purchase should come to, counted in another way than the program counts: in exact fractions of ten thousandths. */
export function expected(
  purchase: PurchaseStory,
  rateBp: number,
): { gross: number; base: number; refunded: number; earned: number; reversed: number } {
  const aside = Math.floor((purchase.total * purchase.aside) / 100);
  const base = purchase.total - aside;
  const { refunded } = happenings(purchase);
  // Half up: as many whole units as fit when half a unit is added.
  const share = (of: number): number => {
    const tenThousandths = BigInt(of) * BigInt(rateBp);
    const whole = tenThousandths / 10_000n;
    return Number(tenThousandths % 10_000n < 5_000n ? whole : whole + 1n);
  };
  // The part of the base that was not given back, in whole units: what is left of it, cut off.
  const left =
    purchase.total === 0 ? base : Number((BigInt(base) * BigInt(purchase.total - refunded)) / BigInt(purchase.total));
  const earned = purchase.pays === "never" ? 0 : share(base);
  return {
    gross: purchase.total,
    base,
    refunded,
    earned,
    reversed: earned - (purchase.pays === "never" ? 0 : share(left)),
  };
}
