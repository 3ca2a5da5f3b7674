import type { CandidateRule } from "@laurel/contract";
import type { Signal } from "../attribution/index.ts";
import type { Commission } from "../commission/index.ts";
import type { Customer } from "../customer/index.ts";
import {
  type Attribution,
  type Binding,
  bindingAfter,
  byHand,
  correctedByHand,
  counted,
  type OrderItem,
  type Retold,
  type Subscription,
  settle,
} from "../order/index.ts";
import { completeRules } from "../program/index.ts";
import type { Example } from "./figures.ts";
import type { Memory, Owner } from "./memory.ts";
import type { Proposal } from "./proposal.ts";
import { type Codes, decided, type Needs, type Whose, whose } from "./whose.ts";

/** An order with all that hangs on it. */
export interface Story {
  order: OrderItem;
  /** Every commission that it earned anybody; of whoever has it, and of those who had it. */
  commissions: readonly Commission[];
  subscription: Subscription | undefined;
  customer: Customer | undefined;
}

/** What an order is to one ambassador. */
export interface Share {
  ambassadorId: string;
  currency: string;
  /** 1 for whoever has it, 0 for whoever had it. */
  orders: 0 | 1;
  earnedMinor: number;
  reversedMinor: number;
}

/** What the books say of an order, and what they would say. */
export interface Decided {
  /** Whether it is a paid order of its own. */
  counted: boolean;
  byHand: boolean;
  kept: boolean;
  stands: Share[];
  proposed: Share[];
  change?: Example | undefined;
}

/**
 * Decides an order by what is proposed, by the functions that decide and settle orders, and remembers what later orders
 * hang on: whose their customer and their subscription would be.
 * @returns or the codes that must be read first; nothing is remembered then
 */
export function decide(story: Story, proposal: Proposal, memory: Memory, codes: Codes): Decided | Needs {
  const { order, commissions } = story;
  const holder = order.attribution;
  const stands = commissions.map((each) => shareOf(each, each.ambassadorId === holder?.ambassadorId && counted(order)));
  // Nothing is earned by it: another order stands for it, it is not paid, or whose it is is not known yet.
  if (!counted(order) || order.awaits)
    return { counted: counted(order), byHand: false, kept: false, stands, proposed: stands };

  const owner = order.subscription && ownerOf(story, proposal, memory, codes);
  if (owner && "needs" in owner) return owner;
  const first = order.subscription !== undefined && isFirst(story, proposal, memory);
  const hand = byHand(order);
  const found = hand
    ? as(holder)
    : owner
      ? byOwner(story, owner, first, proposal, codes)
      : anew(story, proposal, memory, codes);
  if ("needs" in found) return found;

  const { winner } = found;
  const same = winner?.ambassadorId === holder?.ambassadorId;
  // An order that stays whose it is earns at the rate of its time; another tier's rate is the one of today.
  const tier = same ? order.receipt.tier : proposal.tiers.find((each) => each.id === winner?.tierId);
  const kept = found.kept || (winner !== undefined && !tier);
  const next = kept ? holder : winner && { kind: winner.kind, ambassadorId: winner.ambassadorId, code: winner.code };
  const proposed = next ? earned(order, next, kept ? order.receipt.tier : tier, proposal) : [];
  // Of whoever had it before it came to where it stands, what was earned was taken back; that stays so where it stays.
  const stays = kept || same;
  if (stays) proposed.push(...stands.filter((each) => each.orders === 0));
  follow(story, next, proposal, memory);
  return {
    counted: true,
    byHand: hand,
    kept,
    stands,
    proposed,
    change: stays ? undefined : changeOf(order, next, found, { stands, proposed }),
  };
}

const shareOf = (commission: Commission, theirs: boolean): Share => ({
  ambassadorId: commission.ambassadorId,
  currency: commission.currency,
  orders: theirs ? 1 : 0,
  earnedMinor: commission.earnedMinor,
  reversedMinor: commission.reversedMinor,
});

const as = (attribution: Attribution | undefined): Whose => ({
  winner: attribution && { ...attribution, ref: null, seenAt: null, found: "ours" },
  candidates: [],
  kept: false,
});

/** Whose an order would be that is no payment of a subscription. */
function anew(story: Story, proposal: Proposal, memory: Memory, codes: Codes): Whose | Needs {
  const { order } = story;
  return whose(madeOf(order), proposal, codes, { binding: bindingFor(order.customerKey, memory, [order.id]) });
}

const madeOf = (order: OrderItem): Retold => ({
  candidates: order.receipt.candidates,
  told: order,
  rules: order.receipt.rules,
  inputs: order.receipt.inputs ?? {},
  occurredAt: order.occurredAt,
  ambassadorId: order.attribution?.ambassadorId,
});

/** Whose a customer would be, where that differs from the books; what these orders did themselves does not count. */
function bindingFor(customerKey: string | undefined, memory: Memory, own: readonly string[]): Binding | undefined {
  const kept = customerKey === undefined ? undefined : memory.binding(customerKey);
  if (!kept) return undefined;
  return own.includes(kept.proposed.boundBy ?? "") ? {} : kept.proposed;
}

interface OwnerFound {
  owner: Owner | null;
  /** The decision, where it was made just now. */
  found?: Whose | undefined;
}

/** Whose a subscription would be. One that began before the time that is looked at stays as it is. */
function ownerOf(story: Story, proposal: Proposal, memory: Memory, codes: Codes): OwnerFound | Needs {
  const { order, subscription } = story;
  const key = keyOf(order);
  // A person's word on the first payment decides those that were told after it.
  const corrected = subscription?.corrected && order.receipt.cause?.startsWith(correctedByHand);
  if (!subscription?.decidedAt || (corrected && !byHand(order))) return { owner: ownerSeen(order) };
  const { beganAt, first } = subscription;
  const attribution = subscription.corrected
    ? subscription.candidates?.find((each) => each.outcome === "won")
    : subscription.attribution;
  if (beganAt < proposal.from) return { owner: ownerBy(attribution) };
  const known = memory.owner(key);
  if (known !== undefined) return { owner: known };
  const made: Retold = {
    candidates: subscription.candidates ?? [],
    told: subscription,
    // It was decided with its first payment, whose receipt names the rules.
    rules: order.receipt.rules,
    inputs: subscription.inputs ?? {},
    occurredAt: beganAt,
    ambassadorId: attribution?.ambassadorId,
  };
  const own = [order.id, ...(first ? [first.orderId] : [])];
  const found = whose(made, proposal, codes, { binding: bindingFor(subscription.customerKey, memory, own) });
  if ("needs" in found) return found;
  const owner = ownerBy(found.kept ? attribution : found.winner);
  memory.own(key, owner);
  return { owner, found };
}

const ownerBy = (who: { ambassadorId?: string | undefined; code?: string | undefined } | undefined): Owner | null =>
  who?.ambassadorId ? { ambassadorId: who.ambassadorId, code: who.code } : null;

/** Whose it is as the receipt of one of its payments has it. */
const ownerSeen = ({ receipt }: OrderItem): Owner | null =>
  ownerBy(receipt.candidates.find((each) => each.kind === "subscription" || each.outcome === "won"));

/** Whose a payment of a subscription would be: the first one is the subscription's, the others follow it for so long as the rules say. */
function byOwner(
  story: Story,
  { owner, found }: OwnerFound,
  first: boolean,
  proposal: Proposal,
  codes: Codes,
): Whose | Needs {
  const { order, subscription } = story;
  const { part, id } = order.subscription!;
  if (part === "start") {
    if (found) return found;
    // It was decided with another payment, or before the time that is looked at.
    if (!owner) return { winner: undefined, candidates: [], kept: false };
    if (owner.ambassadorId === order.attribution?.ambassadorId) return as(order.attribution);
  }
  const beganAt = order.receipt.inputs?.subscription?.beganAt ?? subscription?.beganAt ?? order.occurredAt;
  const signals: Signal[] = owner
    ? [{ kind: "subscription", ref: id, seenAt: beganAt, found: "ours", ...owner, code: owner.code }]
    : [];
  const made = madeOf(order);
  const checked = part === "start" ? undefined : whose(made, proposal, codes);
  if (checked && !("needs" in checked) && checked.kept) return checked;
  return decided(
    signals,
    proposal,
    {
      ...made.inputs,
      subscription: { part, beganAt, first: part === "start" || first },
      occurredAt: order.occurredAt,
      timeZone: proposal.timeZone,
      campaigns: proposal.campaigns,
    },
    codes,
  );
}

/**
 * Whether a payment would count as its subscription's first: the earliest of more than nothing. That may be another one than
 * by the books where what was paid outside of the checkout begins to count, or no more.
 */
function isFirst({ order, subscription }: Story, { rules }: Proposal, memory: Memory): boolean {
  const seen = order.receipt.inputs?.subscription?.first === true;
  // Payments from before a person's word stay as they were decided, also where an earlier one was told after it.
  if (!subscription?.first || subscription.corrected) return seen;
  const stands = subscription.first.orderId === order.id;
  const key = keyOf(order);
  const known = memory.first(key);
  const [pays, wouldPay] = [order.baseMinor > 0, countedBy(order, rules).baseMinor > 0];
  if (known === undefined) {
    const earlier = `${order.occurredAt}#${order.aliases[0]}` < subscription.first.place;
    if (stands && pays && !wouldPay) memory.begin(key, null);
    else if (earlier && !pays && wouldPay) memory.begin(key, order.id);
    else return stands;
  } else if (known === null && wouldPay) memory.begin(key, order.id);
  return memory.first(key) === order.id;
}

const keyOf = (order: OrderItem): string => `${order.connectionId}\n${order.subscription!.id}`;

/** An order's amounts with what was paid outside of the checkout, or without it, as rules have it. */
function countedBy(
  order: OrderItem,
  { countOutOfBand }: Proposal["rules"],
): Pick<OrderItem, "grossMinor" | "baseMinor"> {
  const { grossMinor, baseMinor, outOfBand: outside } = order;
  if (!outside || outside.counted === countOutOfBand) return { grossMinor, baseMinor };
  const sign = countOutOfBand ? 1 : -1;
  return { grossMinor: grossMinor + sign * outside.grossMinor, baseMinor: baseMinor + sign * outside.baseMinor };
}

/** What an order would earn whom, with everything that went back since. */
function earned(
  order: OrderItem,
  attribution: Attribution,
  tier: OrderItem["receipt"]["tier"],
  { rules, rates, timeZone, until }: Proposal,
): Share[] {
  const { commissions } = settle(
    {
      ...order,
      ...countedBy(order, rules),
      attribution,
      receipt: {
        ...order.receipt,
        reversals: undefined,
        tier: tier && { ...tier, rateBp: rates[tier.id] ?? tier.rateBp },
      },
    },
    { commission: undefined, timeZone, now: new Date(until) },
  );
  return commissions.map(({ after }) => shareOf(after, true));
}

/** Remembers whose the customer is from now on, where that is somebody else than by the books. */
function follow(story: Story, next: Attribution | undefined, { rules, timeZone }: Proposal, memory: Memory): void {
  const { order } = story;
  const { customerKey, attribution } = order;
  if (!customerKey) return;
  const kept = memory.binding(customerKey);
  const { bindingMonths } = completeRules(order.receipt.rules);
  if (!kept && sameAttribution(next, attribution) && bindingMonths === rules.bindingMonths) return;
  const before = kept ?? bothAs(bindingBefore(story));
  const stands = bindingAfter(before.stands, order, bindingMonths, timeZone);
  const proposed = bindingAfter(before.proposed, { ...order, attribution: next }, rules.bindingMonths, timeZone);
  if (!sameBinding(stands, proposed)) memory.bind(customerKey, { stands, proposed });
  else if (kept) memory.bind(customerKey, undefined);
}

const sameAttribution = (a: Attribution | undefined, b: Attribution | undefined): boolean =>
  a?.ambassadorId === b?.ambassadorId && a?.kind === b?.kind && a?.code === b?.code;
const bothAs = (binding: Binding) => ({ stands: binding, proposed: binding });
const sameBinding = (a: Binding, b: Binding): boolean =>
  a.boundAmbassadorId === b.boundAmbassadorId && a.boundCode === b.boundCode && a.boundAt === b.boundAt;

/** Whose the customer was before an order, as far as its receipt saw it; a renewal's receipt sees the subscription alone. */
function bindingBefore({ order, customer }: Story): Binding {
  if (order.subscription?.part === "renewal") {
    const earlier = customer?.boundAt !== undefined && customer.boundAt <= order.occurredAt;
    return earlier && customer.boundBy !== order.id ? customer : {};
  }
  const seen = order.receipt.candidates.find((each) => each.kind === "customer");
  return { boundAmbassadorId: seen?.ambassadorId, boundCode: seen?.code, boundAt: seen?.seenAt };
}

const net = (shares: readonly Share[]): number =>
  shares.reduce((sum, each) => sum + each.earnedMinor - each.reversedMinor, 0);

function changeOf(
  order: OrderItem,
  next: Attribution | undefined,
  { candidates }: Whose,
  { stands, proposed }: Pick<Decided, "stands" | "proposed">,
): Example {
  const from = order.attribution?.ambassadorId;
  const to = next?.ambassadorId;
  const rule: CandidateRule | undefined = candidates.find((each) => each.ambassadorId === from)?.rule;
  return {
    orderId: order.id,
    number: order.number,
    occurredAt: order.occurredAt,
    change: !from ? "gained" : to ? "moved" : "lost",
    currency: order.currency,
    differenceMinor: net(proposed) - net(stands),
    from,
    to,
    by: next?.kind,
    code: next?.code,
    rule: from ? rule : undefined,
  };
}
