import * as Ambassadors from "@laurel/core/ambassador";
import * as Applications from "@laurel/core/application";
import { findCode, promotionCodesOf } from "@laurel/core/code";
import { sweepEffects } from "@laurel/core/effect-runner";
import { sweepJobs } from "@laurel/core/job-runner";
import type { Actor } from "@laurel/core/kernel";
import { loadProgram, type ProgramSnapshot } from "@laurel/core/program";
import { apply } from "./demo-apply.ts";
import { type DemoApplicant, demoApplicant, privateDomain } from "./demo-names.ts";
import { mainConnection } from "./demo-play.ts";
import { after, hourMs, minuteMs, together, type Year } from "./demo-year.ts";

/** An ambassador whose code works at the checkout, so that somebody may buy with it. */
export interface DemoAmbassador {
  email: string;
  id: string;
  personId: string;
  code: string;
  percentOff: number;
  promotionCodeId: string;
  since: Date;
  tier: ProgramSnapshot["tiers"][number];
  /** The code in place of one that got about, once there is one. */
  now?: { code: string; promotionCodeId: string };
}

/** How somebody came in. */
type Way = "approved" | "bulk" | "waitlisted" | "revived" | "code_refused";

interface Joining {
  who: DemoApplicant;
  way: Way;
  since: Date;
  campaign: ProgramSnapshot["campaigns"][number];
  tier: ProgramSnapshot["tiers"][number];
}

type Joined = Joining & { id: string; personId: string; code: string };

/** Everybody who joined so far as the checkout has their codes; the last ones come in by `seedNewcomers`. */
export async function seedAmbassadors(year: Year, reviewer: Actor): Promise<DemoAmbassador[]> {
  const { size } = year;
  const snapshot = await loadProgram(year.at(year.end, "program").table);
  const everybody = Array.from({ length: size.ambassadors - size.rare }, (_, n) => joining(year, snapshot, n));
  const alone = everybody.filter((each) => each.way !== "bulk");
  const many = everybody.filter((each) => each.way === "bulk");
  const joined = [
    ...(await together(alone, (each) => join(year, reviewer, each))),
    ...(await joinMany(year, reviewer, many)),
  ].sort((a, b) => a.since.getTime() - b.since.getTime());
  const refused = joined.filter(({ way }) => way === "code_refused");
  for (const each of refused) await takeAtTheShop(year, each.code);
  await sweep(year, 40);
  // In vain, because nobody has switched the other code off yet.
  for (const each of refused)
    await Ambassadors.putCodeAgain(year.at(year.daysAgo(39.5), `put again ${each.code}`, reviewer), each.id, each.code);
  if (refused.length > 0) await sweep(year, 39.4);
  await chooseOwnCodes(
    year,
    joined.filter(({ way }) => way === "approved"),
  );
  const withCodes = await together(joined, async (each) => {
    const promotionCodeId = await promotionCodeOf(year, each.code);
    if (!promotionCodeId && each.way !== "code_refused")
      throw new Error(`The demo's code ${each.code} did not reach the checkout`);
    return promotionCodeId && { ...each, email: each.who.email, percentOff: each.campaign.percentOff, promotionCodeId };
  });
  return withCodes.flatMap((each) => each || []);
}

/** Came in just now: the checkout is about to hear of their codes. */
export async function seedNewcomers(year: Year, reviewer: Actor): Promise<void> {
  const { size } = year;
  const snapshot = await loadProgram(year.at(year.end, "program").table);
  for (let n = size.ambassadors - size.rare; n < size.ambassadors; n++)
    await join(year, reviewer, {
      ...joining(year, snapshot, n),
      way: "approved",
      since: after(year.end, -31 * hourMs),
    });
}

function joining(year: Year, { campaigns, tiers }: ProgramSnapshot, n: number): Joining {
  const { ambassadors, rare } = year.size;
  // The seldom ways come last; with nothing rare, everybody is approved by hand.
  const place = ambassadors - rare - 1 - n;
  const ways: Way[] = ["waitlisted", "revived", "code_refused", "bulk", "bulk", "bulk"];
  const who = demoApplicant(n, year.random);
  return {
    who: rare > 0 && n % 9 === 4 ? { ...who, email: who.email.replace(/@.*/, privateDomain) } : who,
    way: rare > 0 ? (ways[Math.floor(place / rare)] ?? "approved") : "approved",
    since: year.daysAgo(362 - n * (320 / ambassadors)),
    campaign: campaigns[n % 4 === 3 ? 1 : 0]!,
    tier: tiers[n % 5 === 0 ? 2 : n % 3 === 0 ? 1 : 0]!,
  };
}

async function join(year: Year, reviewer: Actor, each: Joining): Promise<Joined> {
  const { who, way, since } = each;
  const id = await apply(year, since, who);
  const decide = (hours: number, what: string) =>
    year.at(after(since, hours * hourMs), `${what} ${who.email}`, reviewer);
  const wished = { campaignId: each.campaign.id, tierId: each.tier.id };
  if (way === "waitlisted") await Applications.waitlist(decide(20, "waitlist"), id, {});
  if (way === "revived") {
    await Applications.approve(decide(28, "approve too early"), id, wished);
    await Applications.undo(decide(28.1, "undo"), id);
  }
  await Applications.approve(decide(30, "approve"), id, wished);
  return joinedAs(year, each, id);
}

/** The same decision for several at once, by jobs. */
async function joinMany(year: Year, reviewer: Actor, everybody: readonly Joining[]): Promise<Joined[]> {
  const joined: Joined[] = [];
  for (let at = 0; at < everybody.length; at += 3) {
    const few = everybody.slice(at, at + 3);
    const ids = await together(few, (each) => apply(year, each.since, each.who));
    const { campaign, tier } = few[0]!;
    const when = after(few.at(-1)!.since, 30 * hourMs);
    const ctx = year.at(when, `approve many ${at}`, reviewer);
    await Applications.bulk(ctx, {
      action: "approve",
      ids: ids as never,
      campaignId: campaign.id as never,
      tierId: tier.id as never,
    });
    await sweepJobs(year.at(after(when, minuteMs), `job ${at}`));
    for (const [n, each] of few.entries())
      joined.push(await joinedAs(year, { ...each, campaign, tier, since: when }, ids[n]!));
  }
  return joined;
}

async function joinedAs(year: Year, each: Joining, applicationId: string): Promise<Joined> {
  const ctx = year.at(year.end, `find ${each.who.email}`);
  const application = await Applications.findApplication(ctx, applicationId);
  const ambassador = application?.ambassadorId && (await Ambassadors.findAmbassador(ctx, application.ambassadorId));
  if (!ambassador) throw new Error(`The demo's application of ${each.who.email} made no ambassador`);
  return { ...each, id: ambassador.id, personId: ambassador.personId, code: ambassador.primaryCode };
}

/** The shop makes a code of its own by that text, so that the checkout refuses ours. */
export async function takeAtTheShop(year: Year, text: string): Promise<string> {
  const ctx = year.at(year.daysAgo(41), `shop ${text}`);
  const snapshot = await ctx.program();
  const connection = mainConnection(snapshot);
  const { couponId, name, percentOff } = snapshot.campaigns[0]!;
  await ctx.gateways.stripe.ensureCoupon(connection, { id: couponId, name, percentOff });
  const made = await ctx.gateways.stripe.createPromotionCode(connection, {
    couponId,
    code: text,
    metadata: {},
    idempotencyKey: `demo:shop:${text}`,
  });
  return made.id;
}

/** Some choose a code of their own; the checkout has it at once, or refuses it. */
async function chooseOwnCodes(year: Year, joined: readonly Joined[]): Promise<void> {
  const choosing = joined.slice(1, 1 + 2 * year.size.rare);
  for (const [n, each] of choosing.entries()) {
    const text = `HIKE${each.code.replace(/\d+$/, "").slice(0, 12)}`;
    const actor: Actor = {
      kind: "person",
      personId: each.personId as never,
      roles: ["ambassador"],
      ambassadorId: each.id as never,
      network: "127.0.0.1",
    };
    await Ambassadors.chooseCode(year.at(year.daysAgo(39), `choose ${text}`, actor), text);
    if (n % 2 === 1) await takeAtTheShop(year, text);
  }
  if (choosing.length > 0) await sweep(year, 38);
}

/** What the brand's own Stripe account calls a code; undefined where it has none. */
export const promotionCodeOf = async (year: Year, text: string): Promise<string | undefined> => {
  const ctx = year.at(year.end, `code ${text}`);
  const code = await findCode(ctx, text);
  return code && promotionCodesOf(code)[mainConnection(await ctx.program()).id];
};

/** Does what waits to be done outside. */
export async function sweep(year: Year, daysAgo: number): Promise<void> {
  const ctx = year.at(year.daysAgo(daysAgo), `sweep ${daysAgo}`);
  while ((await sweepEffects(ctx)) > 0);
}
