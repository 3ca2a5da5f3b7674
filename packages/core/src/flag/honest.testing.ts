import type { Mailbox, Recent, Situation } from "./rule.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** What an honest program's orders look like to the rules, from a seed. */
export interface Honest {
  situations: Situation[];
  ambassadors: number;
}

/** mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c) */
export function chanceOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const mailbox = (person: string, domainKey: string, domain: Mailbox["domain"]): Mailbox => ({
  key: `k ${person}`,
  foldedKey: `f ${person}`,
  domainKey,
  domain,
});

type Kind = "steady" | "big" | "podcast" | "new";

/**
 * A year of honest ambassadors: some post and have a burst of visits with their orders, some speak on a podcast, where codes
 * are typed in and nobody clicks, some are new. Buyers return, have their mail at a few providers, at their company or in their
 * family, and send back one order in nine, some ambassadors' followers more. Links carry `fbclid` where they were posted there.
 */
export function honestYear(seed: number, ambassadors: number): Honest {
  const chance = chanceOf(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(chance() * of.length)]!;
  const situations: Situation[] = [];
  for (let n = 0; n < ambassadors; n++) {
    const kind = pick<Kind>(["steady", "steady", "steady", "steady", "big", "podcast", "new"]);
    const company = `company ${n}`;
    const ownDomain = chance() < 0.3;
    const ambassador = {
      mailbox: ownDomain ? mailbox(`amb ${n}`, company, "private") : mailbox(`amb ${n}`, "gmail", "public"),
      marks: { cards: [`card amb ${n}`], addresses: [`home ${n}`] },
    };
    const returnRate = 0.05 + chance() * 0.12;
    const visitsPerOrder = kind === "podcast" ? 0.4 + chance() : 8 + chance() * 40;
    const days: { at: number; orders: number }[] = [];
    const perDay = { steady: 0.3, big: 3, podcast: 1, new: 0.5 }[kind] * (0.5 + chance());
    for (let day = kind === "new" ? 300 : 0; day < 365; day++) {
      // A post, a story or an episode every few weeks, and what comes of it on the day and the next.
      const pushed = day % 19 === n % 19 ? 6 + chance() * 10 : day % 19 === (n + 1) % 19 ? 3 : 1;
      days.push({ at: day * dayMs, orders: poisson(perDay * pushed, chance) });
    }
    const recent: Recent[] = [];
    for (const { at, orders } of days) {
      const burst = 9 + Math.floor(chance() * 12);
      const times = Array.from({ length: orders }, () => at + (burst + chance() * (orders > 8 ? 5 : 12)) * hourMs).sort(
        (a, b) => a - b,
      );
      for (const [index, time] of times.entries()) {
        const iso = new Date(Date.UTC(2026, 0, 1) + time).toISOString();
        recent.unshift({ at: iso, code: `CODE${n}`, returned: chance() < returnRate });
        const byCode = kind === "podcast" || chance() < 0.75;
        const before = days[Math.round(at / dayMs) - days[0]!.at / dayMs - 1]?.orders ?? 0;
        situations.push({
          at: iso,
          attributedBy: byCode ? "promotion_code" : "click",
          code: `CODE${n}`,
          buyer: buyerOf(chance, pick, { company, ownDomain, n, index: situations.length }),
          ambassador,
          // Nobody pays for honest links; some are found on a coupon site all the same.
          click: byCode ? undefined : { couponSite: chance() < 0.003 ? "coupons.example" : undefined },
          recent: recent.slice(0, 400),
          cut: recent.length > 400,
          // Visits come before the orders that they lead to.
          clicks: Math.round((index + 1 + before) * visitsPerOrder * (0.7 + chance() * 0.6)) + Math.floor(chance() * 3),
        });
      }
    }
  }
  return { situations, ambassadors };
}

function buyerOf(
  chance: () => number,
  pick: <T>(of: readonly T[]) => T,
  { company, ownDomain, n, index }: { company: string; ownDomain: boolean; n: number; index: number },
): Situation["buyer"] {
  // One in three has bought before.
  const person = `buyer ${chance() < 0.33 ? Math.floor(chance() * index) : index}`;
  const kind = chance();
  const near = chance();
  // A colleague or a cousin of somebody with a domain of their own; somebody of the household; a careful person.
  const where: Mailbox =
    ownDomain && near < 0.004
      ? mailbox(person, company, "private")
      : kind < 0.002
        ? mailbox(person, "thrown away", "disposable")
        : kind < 0.8
          ? mailbox(person, pick(["gmail", "gmx", "web", "icloud", "outlook", "yahoo"]), "public")
          : mailbox(person, `domain ${Math.floor(chance() * 500)}`, "private");
  return {
    // Some orders are screened when their events are gone, or never told an address.
    mailbox: chance() < 0.03 ? undefined : where,
    marks: { cards: [], addresses: [near > 0.997 ? `home ${n}` : `home of ${person}`] },
  };
}

/** Knuth's method; for small means. */
function poisson(mean: number, chance: () => number): number {
  const limit = Math.exp(-mean);
  let [count, product] = [0, chance()];
  while (product > limit) {
    count++;
    product *= chance();
  }
  return count;
}
