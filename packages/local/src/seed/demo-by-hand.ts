import * as Claims from "@laurel/core/claim";
import * as Corrections from "@laurel/core/correction";
import type { Context } from "@laurel/core/kernel";
import type { DemoAmbassador } from "./demo-ambassadors.ts";
import type { Bought } from "./demo-bought.ts";
import { completed, refunded, totalsOf } from "./demo-events.ts";
import { type Play, soldFor, unasked } from "./demo-play.ts";
import { type Step, telling } from "./demo-steps.ts";
import { asAmbassador } from "./demo-team.ts";
import { after, dayMs, hourMs, type Span } from "./demo-year.ts";

/** Whoever decides a claim or a correction of the claim. */
const forClaim = Claims.withCorrection;

/** What a correction of a purchase makes of it, and what a second person says where one has to. */
interface Corrected {
  name: string;
  reason: string;
  from: "nobody" | "somebody";
  to: "nobody" | "somebody";
  /** In a currency for which every correction waits for a second person, or in the one with a limit. */
  second?: "approves" | "rejects" | "waits";
  /** Whether half of it had gone back by then: at another rate, that is another sum. */
  refunded?: true;
}

const corrected: Corrected[] = [
  {
    name: "attribute",
    reason: "The buyer has told us who sent them; the code was left out at the till.",
    from: "nobody",
    to: "somebody",
  },
  {
    name: "move",
    reason: "Both had posted it; the buyer named the other one in their mail to us.",
    from: "somebody",
    to: "somebody",
  },
  {
    name: "move after a refund",
    reason: "The code on the parcel was the other one's; it had been mixed up in our mail.",
    from: "somebody",
    to: "somebody",
    refunded: true,
  },
  {
    name: "remove",
    reason: "A purchase of our own team for the photo studio.",
    from: "somebody",
    to: "nobody",
  },
  {
    name: "approved by two",
    reason: "The link was opened in an app that lost it on the way.",
    from: "nobody",
    to: "somebody",
    second: "approves",
  },
  {
    name: "rejected",
    reason: "They say that this one came by them, too.",
    from: "somebody",
    to: "somebody",
    second: "rejects",
  },
  {
    name: "waits for a second person",
    reason: "The buyer has sent us a picture of the story that they came by.",
    from: "nobody",
    to: "somebody",
    second: "waits",
  },
];

const lately: Span = [20, 2];
/** Somebody else of then, who earns at another rate. */
const somebodyElse = (
  ambassadors: readonly DemoAmbassador[],
  owner: DemoAmbassador,
  at: Date,
): DemoAmbassador | undefined => ambassadors.find((each) => each.tier.rateBp !== owner.tier.rateBp && each.since < at);

/** What the team corrects by hand, alone or by two. */
export function correctionSteps(play: Play): Step[] {
  const { rare, open } = play.year.size;
  return corrected.flatMap((what) =>
    Array.from({ length: what.second === "waits" ? open : rare }, (_, n) => correctionOf(play, what, n)).flat(),
  );
}

function correctionOf(play: Play, what: Corrected, n: number): Step[] {
  const { year, team, pool, till, ambassadors, byCode } = play;
  const fits = (each: Bought) =>
    byCode(each) &&
    (each.sale.currency !== "eur") === (what.second !== undefined) &&
    somebodyElse(ambassadors, each.owner!, each.sale.at) !== undefined;
  const found = pool.take(fits, what.second === "waits" ? lately : undefined);
  const bought = what.from === "nobody" ? unasked(found) : found;
  const { sale } = bought;
  const owner = found.owner!;
  const other = somebodyElse(ambassadors, owner, sale.at)!;
  const to = what.to === "nobody" ? null : what.from === "nobody" ? owner.id : other.id;
  const at = after(sale.at, 1.5 * dayMs);
  const propose = async () => {
    const by = year.at(at, `correct ${what.name} ${n}`, team.manager);
    const { id, version } = await till.orderOf(by, sale);
    const input = { ambassadorId: to as never, version, reason: what.reason };
    const correction = await Corrections.propose(by, id, input);
    if ((correction.state === "proposed") !== (what.second !== undefined))
      throw new Error(`The demo's correction "${what.name}" is ${correction.state}`);
    if (what.second === undefined || what.second === "waits") return;
    const later = year.at(after(at, 5 * hourMs), `decide ${what.name} ${n}`, team.finance);
    if (what.second === "approves") await Corrections.approve(later, correction.id, { version }, forClaim);
    else await Corrections.reject(later, correction.id, { note: "Nothing that we can see speaks for it." }, forClaim);
  };
  const back = after(sale.at, dayMs);
  const half = Math.floor(totalsOf(sale).total / 2);
  return [
    telling(bought, what.name, sale.at, (ctx) => till.receive(ctx, completed(sale))),
    ...(what.refunded
      ? [telling(bought, "half of it", back, (ctx) => till.receive(ctx, refunded(sale, back, half)))]
      : []),
    telling(bought, `${what.name} by hand`, at, propose, { sale, owner: other }),
  ];
}

/** What becomes of a claim. */
const claims = ["approved", "approved by two", "declined", "withdrawn", "waits for two", "open"] as const;
type Claimed = (typeof claims)[number];

const evidence = [
  "She wrote to me on the day that she had ordered the jacket, and that the code did not fit into the field any more.",
  "My follower has sent me the confirmation of the order. She had come by the link in my newsletter.",
  "He asked me before which size to take, and told me the number of the order on the same evening.",
];

/** Ambassadors miss an order, and tell why it should be theirs. */
export function claimSteps(play: Play): Step[] {
  const { rare, open } = play.year.size;
  const times = (what: Claimed) => (what === "open" ? open : what === "waits for two" ? Math.min(1, open) : rare);
  return claims.flatMap((what) => Array.from({ length: times(what) }, (_, n) => claimOf(play, what, n)).flat());
}

function claimOf({ year, team, pool, till, byCode, ambassadors }: Play, what: Claimed, n: number): Step[] {
  const waits = what === "open" || what === "waits for two";
  const byTwo = what === "approved by two" || what === "waits for two";
  const fits = (each: Bought) => byCode(each) && (each.sale.currency !== "eur") === byTwo;
  const found = pool.take((each) => fits(each) && soldFor(each.owner!)(each), waits ? lately : undefined);
  // The first of all is who this machine signs in as an ambassador, and should find one.
  const owner = what === "open" && n === 0 ? ambassadors[0]! : found.owner!;
  const bought = unasked({ ...found, owner });
  const { sale } = bought;
  const asked = after(sale.at, dayMs);
  const reason = "We have found it: your code was left out when the order was changed.";
  const claim = async () => {
    const by = year.at(asked, `claim ${what} ${n}`, asAmbassador(owner));
    // The number that the shop has told the buyer; Stripe itself counts none.
    const told = await Claims.ask(by, {
      orderNumber: `#D${1000 + sale.n}`,
      orderedOn: sale.at.toISOString().slice(0, 10),
      evidence: { text: evidence[n % evidence.length]!, link: "https://example.com/story" },
    });
    const { id } = told.claim!;
    const decide = year.at(after(asked, 20 * hourMs), `decide claim ${what} ${n}`, team.manager);
    const { id: orderId, version } = await till.orderOf(decide, sale);
    if (what === "withdrawn")
      await Claims.withdraw(year.at(after(asked, hourMs), `withdraw ${n}`, asAmbassador(owner)), id);
    if (what === "declined")
      await Claims.decline(decide, id, {
        reason: "We have asked the buyer; they had come by an advertisement of ours.",
      });
    if (what !== "approved" && !byTwo) return;
    const { correctionId } = await Claims.approve(decide, id, { orderId: orderId as never, version, reason });
    if (what !== "approved by two") return;
    const second = year.at(after(asked, 30 * hourMs), `second for claim ${n}`, team.finance);
    await Corrections.approve(second, correctionId!, { version }, forClaim);
  };
  return [
    telling(bought, "a purchase that is missed", sale.at, (ctx: Context) => till.receive(ctx, completed(sale))),
    telling(bought, `a claim ${what}`, asked, claim),
  ];
}
