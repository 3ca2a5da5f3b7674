import { rotateCode } from "@laurel/core/ambassador";
import { recordClick } from "@laurel/core/click/record.ts";
import { sweepEffects } from "@laurel/core/effect-runner";
import * as Flags from "@laurel/core/flag";
import { sweepJobs } from "@laurel/core/job-runner";
import type { Context } from "@laurel/core/kernel";
import { screenOrder } from "@laurel/core/screening";
import { type DemoAmbassador, promotionCodeOf } from "./demo-ambassadors.ts";
import { type Bought, concernsOf } from "./demo-bought.ts";
import { completed, type DemoSale, refunded, totalsOf } from "./demo-events.ts";
import { privateDomain } from "./demo-names.ts";
import { given, type Play, soldFor } from "./demo-play.ts";
import { type Step, sweeping, telling } from "./demo-steps.ts";
import { after, dayMs, hourMs, minuteMs, type Span } from "./demo-year.ts";

/** What becomes of a flag: the team clears or confirms it, nobody looks until it expires, or it is still to be looked at. */
const ends = ["cleared", "confirmed", "expired"] as const;
type End = (typeof ends)[number] | "open";

const reasons = {
  cleared: "We have asked: it was a present, and paid for by somebody else.",
  confirmed: "The buyer is the ambassador; they have told us so.",
};

const lately: Span = [12, 1];

/** A sign that a purchase carries. Where the ambassador buys first, that purchase tells the card and the address. */
type Sign = (bought: Bought, n: string) => Partial<DemoSale> & { signs?: { ads?: string; couponSite?: string } };

const signs: Record<string, Sign> = {
  "the ambassador's own mailbox": ({ owner }) => ({ email: owner!.email.replace("@", "+shop@") }),
  "the ambassador's mail domain": ({ owner }, n) => ({
    email: `colleague${n}@${owner!.email.slice(owner!.email.indexOf("@") + 1)}`,
  }),
  "an address for throwing away": (_, n) => ({ email: `demo-buyer${n}@yopmail.com` }),
  "a coupon site": (_, n) => ({
    promotionCodeId: undefined,
    percentOff: 0,
    email: `coupons${n}@example.com`,
    signs: { couponSite: "supercoupons.example" },
  }),
  "an advertisement": (_, n) => ({
    promotionCodeId: undefined,
    percentOff: 0,
    email: `advertised${n}@example.com`,
    signs: { ads: "gclid" },
  }),
};

/** What the look for fraud has found, in everything it looks for, and what became of it. */
export function fraudSteps(play: Play): Step[] {
  const { year, pool, byCode } = play;
  const { rare, open } = year.size;
  const steps: Step[] = [];
  const privately = (owner: { email: string } | undefined) => owner?.email.endsWith(privateDomain) ?? false;
  const fits = (name: string) => (each: Bought) =>
    byCode(each) && (name !== "the ambassador's mail domain" || privately(each.owner));
  const names = Object.keys(signs);
  for (const name of names)
    for (let n = 0; n < rare; n++)
      steps.push(...flagged(play, pool.take(fits(name)), { name, n: `${n}`, end: ends[n % ends.length]! }));
  for (let n = 0; n < open; n++) {
    // Nobody of a small demo has a mail domain of their own.
    const name = names.filter((each) => rare > 0 || each !== "the ambassador's mail domain")[n % names.length]!;
    steps.push(...flagged(play, pool.take(fits(name), lately), { name, n: `new${n}`, end: "open" }));
  }
  if (rare === 0) return steps;
  for (let n = 0; n < rare + 1; n++) steps.push(...ownThings(play, n));
  for (let n = 0; n < rare; n++) steps.push(...flaggedByHand(play, n));
  for (let n = 0; n < rare; n++) steps.push(leak(play, n));
  steps.push(...sentBack(play));
  const last = year.daysAgo(0.1);
  steps.push({ at: last, name: "flags that expired", concerns: [], run: (ctx) => Flags.sweepFlags(ctx) });
  return steps;
}

function flagged(play: Play, bought: Bought, { name, n, end }: { name: string; n: string; end: End }): Step[] {
  const { year, till } = play;
  const { sale, owner } = bought;
  const { signs: visit, ...change } = signs[name]!(bought, n);
  const sell = async (ctx: Context) => {
    const before = year.at(after(sale.at, -hourMs), `click ${name} ${sale.n}`);
    const clickId = visit && (await recordClick(before, { code: owner!.code, ambassadorId: owner!.id }, visit));
    await till.receive(ctx, completed({ ...sale, ...change, clickId }));
    await screen(play, bought);
  };
  return [telling(bought, name, sale.at, sell), ...resolved(play, bought, name, end)];
}

/** The look at an order, as it follows each sale. */
async function screen({ year, till }: Play, { sale, owner }: Bought): Promise<void> {
  const ctx = year.at(after(sale.at, minuteMs), `look at ${sale.n}`);
  await screenOrder(ctx, (await till.orderOf(ctx, sale)).id, owner!.id);
}

/** Somebody of the team looks at what was found, two days later. */
function resolved({ team, year, till }: Play, bought: Bought, name: string, end: End): Step[] {
  if (end === "open" || end === "expired") return [];
  const at = after(bought.sale.at, 2 * dayMs);
  const run = async (ctx: Context) => {
    const { id, receipt } = await till.orderOf(ctx, bought.sale);
    const by = year.at(at, `resolve ${bought.sale.n}`, team.manager);
    const { items } = await Flags.list(by, { state: "open", ambassadorId: bought.owner!.id });
    const flag = items.find(({ orderId }) => orderId === id);
    if (!flag)
      throw new Error(
        `The demo's purchase ${bought.sale.n} was not flagged: ${name}, ${JSON.stringify(receipt.candidates)}`,
      );
    await Flags.resolve(by, flag.id, { outcome: end, reason: reasons[end] });
  };
  return [telling(bought, "a flag is resolved", at, run)];
}

/** An ambassador buys something; then somebody buys by their code with the same card, and somebody to the same address. */
function ownThings(play: Play, n: number): Step[] {
  const { pool, till, cast } = play;
  const end: End = ends[n] ?? "open";
  // The last of them in the last days, where their flags wait for the team.
  const span: Span = end === "open" ? lately : [100 - 10 * n, 90 - 10 * n];
  const who = cast.household[n]!;
  const card = `demoCard${n}fingerprint`;
  const address = { line1: `Demo Street ${n + 1}`, postal_code: "00000", country: "DE" };
  const [first, second, third] = [0, 1, 2]
    .map(() => pool.take(soldFor(who), span))
    .sort((a, b) => a.sale.at.getTime() - b.sale.at.getTime())
    .map((each) => given(each, who)) as [Bought, Bought, Bought];
  const { receive } = till;
  const self = { ...first.sale, promotionCodeId: undefined, percentOff: 0, email: who.email, card, address };
  const sell = (bought: Bought, name: string, more: Partial<DemoSale>) => {
    const sold = { ...bought.sale, email: `household${n}${name.length}@example.com`, ...more };
    const run = async (ctx: Context) => {
      await receive(ctx, completed(sold));
      await screen(play, bought);
    };
    return [telling(bought, name, bought.sale.at, run), ...resolved(play, bought, name, end)];
  };
  return [
    telling(first, "an ambassador's own purchase", first.sale.at, (ctx) => receive(ctx, completed(self))),
    ...sell(second, "the ambassador's own card", { card }),
    ...sell(third, "the ambassador's own address", { address }),
  ];
}

/** Somebody of the team finds something odd. */
function flaggedByHand(play: Play, n: number): Step[] {
  const { year, team, pool, till, byCode } = play;
  const bought = pool.take(byCode);
  const { sale } = bought;
  const at = after(sale.at, dayMs);
  return [
    telling(bought, "an odd purchase", sale.at, (ctx) => till.receive(ctx, completed(sale))),
    telling(bought, "a flag by hand", at, async (ctx) => {
      const by = year.at(at, `flag ${sale.n}`, team.finance);
      const { id } = await till.orderOf(ctx, sale);
      await Flags.raise(by, id, { reason: "The parcel came back, and nobody at that address had ordered it." });
    }),
    ...resolved(play, bought, "by hand", ends[n % ends.length]!),
  ];
}

const leaked = 5;

/** A code gets about: many buy by it within an hour and nobody has visited a link. It is replaced, and later earns nothing. */
function leak(play: Play, n: number): Step {
  const { year, team, pool, till, cast } = play;
  const at = after(year.daysAgo(40 - 3 * n), 10 * hourMs);
  const who = cast.leaking[n]!;
  const all = Array.from({ length: leaked + 1 }, () => given(pool.take(soldFor(who)), who));
  const late = all.at(-1)!;
  const run = async () => {
    for (const [place, bought] of all.slice(0, leaked).entries()) {
      const when = after(at, place * 6 * minuteMs);
      const sale = { ...bought.sale, at: when, email: `leak${n}${place}@example.com` };
      await till.receive(year.at(when, `leak ${n} ${place}`), completed(sale));
      await screen(play, { ...bought, sale });
    }
    const replaced = await rotateCode(year.at(after(at, 2 * hourMs), `rotate ${who.code}`, team.manager), who.id, {
      code: who.code,
      graceDays: 2,
    });
    await sweepEffects(year.at(after(at, 3 * hourMs), `sweep of ${who.code}`));
    await takenBack(play, who.id, after(at, 4 * hourMs));
    const ended = after(at, 2 * dayMs + 3 * hourMs);
    await sweepEffects(year.at(ended, `end of ${who.code}`));
    // Somebody had opened the checkout while the code still worked.
    const tooLate = { ...late.sale, at: ended, email: `leak${n}late@example.com` };
    await till.receive(year.at(ended, `leak ${n} late`), completed(tooLate));
    // From now on people use the new one.
    who.now = { code: replaced.code, promotionCodeId: (await promotionCodeOf(year, replaced.code))! };
  };
  return { at, name: `leak ${n}`, concerns: [sweeping, ...new Set(all.flatMap(concernsOf))], run };
}

/** All that a leaked code has sold is taken back at once. */
async function takenBack({ year, team }: Play, ambassadorId: string, at: Date): Promise<void> {
  const by = year.at(at, `leak of ${ambassadorId}`, team.finance);
  const { items } = await Flags.list(by, { state: "open", ambassadorId });
  const reason = "The code stood on a coupon site; nobody came by the ambassador.";
  await Flags.resolveMany(by, { ids: items.map(({ id }) => id), outcome: "confirmed", reason });
  await sweepJobs(year.at(after(at, minuteMs), `job of leak of ${ambassadorId}`));
}

/** Of one ambassador's sales most come back; those after them are flagged. */
function sentBack(play: Play): Step[] {
  const { pool, till, cast } = play;
  const [who] = cast.sentBack as [DemoAmbassador];
  const all = Array.from({ length: 15 }, () => given(pool.take(soldFor(who), [104, 75]), who)).sort(
    (a, b) => a.sale.at.getTime() - b.sale.at.getTime(),
  );
  return all.flatMap((bought, place) => {
    const { sale } = bought;
    const sold = { ...sale, email: `returns${place}@example.com` };
    const screened = place >= 12;
    const steps = [
      telling(bought, "a sale that may come back", sale.at, async (ctx) => {
        await till.receive(ctx, completed(sold));
        if (screened) await screen(play, bought);
      }),
    ];
    if (screened) return [...steps, ...resolved(play, bought, "sent back", ends[place - 12]!)];
    const back = after(sale.at, hourMs);
    const whole = totalsOf(sale).total;
    return place < 9
      ? [...steps, telling(bought, "it comes back", back, (ctx) => till.receive(ctx, refunded(sale, back, whole)))]
      : steps;
  });
}
