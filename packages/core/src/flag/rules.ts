import type { FlagSeverity, FlagRule as RuleName } from "@laurel/contract";
import type { Evidence, FlagRule, Recent, Situation } from "./rule.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The orders of a span that ends with the order itself. */
function within({ recent, at }: Situation, ms: number): Recent[] {
  const from = new Date(Date.parse(at) - ms).toISOString();
  return recent.filter((each) => each.at <= at && each.at > from);
}

const withCode = (orders: readonly Recent[], code: string | undefined): Recent[] =>
  orders.filter((each) => each.code !== undefined && each.code === code);

const common = (a: readonly string[], b: readonly string[]): boolean => a.some((each) => b.includes(each));

/** Fewer visits for each order than this, and the orders did not come from the ambassador's links. */
const visitsForAnOrder = 2;
const usualTimes = 5;
const fewestForARate = 10;

/**
 * Every rule that is applied, in the order of the documentation, which is written from this table. Each is pure and names
 * all that it believes; together they are tested against honest orders.
 */
export const rules: readonly FlagRule[] = [
  {
    name: "own_email",
    title: "The ambassador's own e-mail",
    severity: "high",
    threshold: null,
    window: "the order",
    looksAt:
      "keyed hashes of both addresses, with `+…` and, at providers where they do not count, dots taken out; other names of the same provider are one",
    sees: ({ buyer, ambassador }) => {
      if (!buyer.mailbox || !ambassador.mailbox || buyer.mailbox.foldedKey !== ambassador.mailbox.foldedKey)
        return undefined;
      return { address: buyer.mailbox.key === ambassador.mailbox.key ? "same" : "differently" };
    },
    tells: ({ address }) => [
      address === "same"
        ? "The order was placed with the ambassador's own e-mail address."
        : "The order was placed with the ambassador's own mailbox, the address written a little differently.",
    ],
  },
  {
    name: "own_card",
    title: "The ambassador's own card",
    severity: "high",
    threshold: null,
    window: "the order",
    looksAt:
      "keyed hashes of card fingerprints, where a checkout's event carries one: this order's against those of the ambassador's own first order",
    sees: ({ buyer, ambassador }) => (common(buyer.marks.cards, ambassador.marks.cards) ? { same: "card" } : undefined),
    tells: () => ["It was paid with a card that the ambassador has bought with under their own e-mail."],
  },
  {
    name: "own_address",
    title: "The ambassador's own postal address",
    severity: "medium",
    threshold: null,
    window: "the order",
    looksAt:
      "keyed hashes of street, postal code and country, where given: this order's against those of the ambassador's own first order",
    sees: ({ buyer, ambassador }) =>
      common(buyer.marks.addresses, ambassador.marks.addresses) ? { same: "address" } : undefined,
    tells: () => [
      "It goes to an address that the ambassador has ordered to under their own e-mail. It may be somebody of the same household.",
    ],
  },
  {
    name: "same_domain",
    title: "The same private mail domain",
    severity: "medium",
    threshold: null,
    window: "the order",
    looksAt: "keyed hashes of the registrable domains; never for public or disposable mail providers",
    sees: ({ buyer, ambassador }) => {
      const [a, b] = [buyer.mailbox, ambassador.mailbox];
      if (!a || !b || a.domain !== "private" || a.domainKey !== b.domainKey || a.foldedKey === b.foldedKey)
        return undefined;
      return { same: "domain" };
    },
    tells: () => [
      "The buyer's e-mail is at the same private domain as the ambassador's: the same company, or the same family.",
    ],
  },
  {
    name: "disposable_email",
    title: "A disposable e-mail address",
    severity: "medium",
    threshold: null,
    window: "the order",
    looksAt: "the domain against a public list of disposable mail providers",
    sees: ({ buyer }) => (buyer.mailbox?.domain === "disposable" ? { kind: "disposable" } : undefined),
    tells: () => ["The buyer's e-mail is at a provider of addresses that are thrown away after use."],
  },
  {
    name: "velocity",
    title: "Very many orders at once",
    severity: "medium",
    threshold: { value: 30, of: "orders of one code within the hour" },
    window: "1 hour; visits of 2 days",
    looksAt: `the code's orders within an hour; not where its ambassador's links were visited at least ${visitsForAnOrder} times for each of them`,
    sees: (situation, threshold) => {
      const orders = withCode(within(situation, hourMs), situation.code).length;
      const { clicks } = situation;
      return orders >= threshold && clicks < orders * visitsForAnOrder ? { orders, clicks } : undefined;
    },
    tells: ({ orders, clicks }) => [
      `${orders} orders came with this code within one hour.`,
      `In two days the ambassador's links were visited ${times(clicks)}.`,
    ],
  },
  {
    name: "burst_without_clicks",
    title: "A burst of orders without visits",
    severity: "medium",
    threshold: { value: 12, of: "orders of one code within 24 hours" },
    window: "24 hours, against the 30 days before; visits of 2 days",
    looksAt: `orders by a code where there are ${usualTimes} times as many as on its usual day, and fewer than one visit by a link for two of them: a code that leaked to a coupon site is used by people who never saw the ambassador`,
    sees: (situation, threshold) => {
      if (situation.attributedBy !== "promotion_code") return undefined;
      const orders = withCode(within(situation, dayMs), situation.code).length;
      const before = withCode(within(situation, 31 * dayMs), situation.code).length - orders;
      const usual = before / daysBefore(situation);
      const { clicks } = situation;
      if (orders < threshold || orders < usual * usualTimes || clicks * 2 >= orders) return undefined;
      return { orders, usual: Math.round(usual * 10) / 10, clicks };
    },
    tells: ({ orders, usual, clicks }) => [
      `${orders} orders came with this code within 24 hours; on a usual day there are ${usual}.`,
      `In two days the ambassador's links were visited ${times(clicks)}. The code may have leaked.`,
    ],
  },
  {
    name: "coupon_site",
    title: "Came from a coupon site",
    severity: "high",
    threshold: null,
    window: "the visit that the order names",
    looksAt: "the site that the visit by the ambassador's link came from; only that of a coupon site is kept",
    sees: ({ click }) => (click?.couponSite ? { site: click.couponSite } : undefined),
    tells: ({ site }) => [
      `The visit came from ${site}, which lists coupons.`,
      "The link or the code may have been put there by anybody.",
    ],
  },
  {
    name: "paid_ads",
    title: "Came from a paid advertisement",
    severity: "high",
    threshold: null,
    window: "the visit that the order names",
    looksAt:
      "the names of click ids that only advertisements add (`gclid`, `gbraid`, `wbraid`, `msclkid`, `ttclid`, `twclid`, `li_fat_id`, `epik`), or `fbclid`, `igshid` and `ScCid` beside a `utm_medium` of paid traffic: without it those come with every link. The ids themselves are not kept",
    sees: ({ click }) => (click?.ads ? { sign: click.ads } : undefined),
    tells: ({ sign }) => [
      `The visit carried ${sign}, which a paid advertisement adds to its links.`,
      "Somebody may be buying advertisements for the brand's own name.",
    ],
  },
  {
    name: "refund_rate",
    title: "Many orders go back",
    severity: "medium",
    threshold: { value: 40, of: "per cent of the ambassador's orders" },
    window: "90 days",
    looksAt: `the ambassador's orders of which more than half went back; from ${fewestForARate} orders on`,
    sees: (situation, threshold) => {
      const orders = within(situation, 90 * dayMs);
      const returned = orders.filter((each) => each.returned).length;
      const share = Math.round((100 * returned) / Math.max(1, orders.length));
      return orders.length >= fewestForARate && share >= threshold
        ? { orders: orders.length, returned, share }
        : undefined;
    },
    tells: ({ orders, returned, share }) => [
      `Of the ambassador's ${orders} orders of the last 90 days, ${returned} went back: ${share}%.`,
    ],
  },
];

/** Signals that would help and are not applied, and why. */
export const leftOut = [
  {
    title: "Duplicate accounts",
    why: "It compares payout methods, and there are none yet. Two people with one e-mail address cannot exist.",
  },
] as const;

const times = (count: string | number | undefined): string => (count === 1 ? "once" : `${count} times`);

/** Over how many days before the last one the known orders go: fewer where older ones were cut off. */
function daysBefore({ recent, cut, at }: Situation): number {
  const oldest = recent.at(-1);
  if (!cut || !oldest) return 30;
  return Math.max(1, Math.min(30, (Date.parse(at) - Date.parse(oldest.at)) / dayMs - 1));
}

export interface Finding {
  rule: RuleName;
  severity: FlagSeverity;
  evidence: Evidence;
}

export interface Tuning {
  off?: readonly RuleName[] | undefined;
  thresholds?: Partial<Record<RuleName, number>> | undefined;
}

/** What the rules see in an order. Pure. */
export const screen = (situation: Situation, { off = [], thresholds = {} }: Tuning = {}): Finding[] =>
  rules.flatMap(({ name, severity, threshold, sees }) => {
    if (off.includes(name)) return [];
    const evidence = sees(situation, thresholds[name] ?? threshold?.value ?? 0);
    return evidence ? [{ rule: name, severity, evidence }] : [];
  });

const byHandTitle = "Raised by a person";

export const titleOf = (name: RuleName): string => rules.find((rule) => rule.name === name)?.title ?? byHandTitle;

/** What was seen, in sentences. Nothing hashed is in it, and nothing of the buyer beyond what the rule compares. */
export const sentencesOf = (name: RuleName, evidence: Evidence): string[] =>
  rules.find((rule) => rule.name === name)?.tells(evidence) ?? [String(evidence.reason ?? "")];
