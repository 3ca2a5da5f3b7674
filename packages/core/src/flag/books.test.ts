import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMinute } from "../../../../functions/job/minute.ts";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  type Purchase,
  providerId,
  purchase,
  refund,
  session,
  withCode,
  withEmail,
} from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import type { Commission } from "../commission/index.ts";
import * as Corrections from "../correction/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { holdsOf, type OrderItem } from "../order/index.ts";
import * as Flags from "./index.ts";

const dayMs = 86_400_000;
/** More of them by hand: FLAG_RUNS=100 npx vitest run packages/core/src/flag/books.test.ts */
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
const numRuns = Number(process.env.FLAG_RUNS ?? 3);

let world: World;
let checkout: Checkout;
beforeAll(async () => {
  world = await openWorld();
  checkout = openCheckout(world);
});
afterAll(() => world.close());

const sale = fc.nat({ max: 2 });
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant("raise" as const), sale }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("resolve" as const),
      sale,
      outcome: fc.constantFrom("cleared" as const, "cleared" as const, "confirmed" as const),
      twice: fc.boolean(),
    }),
  },
  fc.record({ does: fc.constant("refund" as const), sale, amount: fc.constantFrom(1_000, 5_000, 11_900) }),
  fc.record({
    does: fc.constant("dispute" as const),
    sale,
    status: fc.constantFrom("warning_needs_response", "needs_response", "won", "lost"),
  }),
  fc.record({ does: fc.constant("move" as const), sale }),
  fc.record({ does: fc.constant("wait" as const), days: fc.constantFrom(1, 9, 20) }),
);

test("in any order of flagging, resolving, moving, refunds, disputes and releases, exactly the flagged money is held", {
  timeout: 60_000 + numRuns * 12_000,
}, async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 12 }), play), { numRuns });
});

async function play(steps: Step[]): Promise<void> {
  const [who, other] = [await ambassador(world, "Anna Muster"), await ambassador(world, "Bela Muster")];
  const staff = () => world.ctx(world.staff("manager"));
  const sales: { of: Purchase; dispute: string; at: number }[] = [0, 1, 2].map(() => ({
    of: purchase(world.clock.now()),
    dispute: providerId("dp"),
    at: 0,
  }));
  const tell = async (type: string, object: Record<string, unknown>) => {
    world.clock.advance(2_000);
    await checkout.tell(event(type, object, world.clock.now()));
  };
  for (const [n, { of }] of sales.entries())
    await tell(
      "checkout.session.completed",
      session(of, { ...withCode(who.promotionCodeId), ...withEmail(`${n}@gmx.de`) }),
    );
  for (const each of steps) {
    const { orders, flags } = await look();
    if (each.does === "wait") {
      world.clock.advance(each.days * dayMs);
      await createMinute(world.runtime)();
    } else {
      const { of, dispute } = sales[each.sale]!;
      const order = orders.find(({ aliases }) => aliases.includes(of.session))!;
      const open = flags.find((flag) => flag.orderId === order.id && flag.state === "open");
      if (each.does === "raise")
        await Flags.raise(staff(), order.id, { reason: "Something looks odd" }).catch((error) => {
          expect(error.kind).toBe("rejected");
        });
      if (each.does === "move") {
        const to = order.attribution?.ambassadorId === who.id ? other : who;
        const { version } = order;
        const correction = { ambassadorId: to.id, reason: "They brought the buyer", version };
        await Corrections.propose(staff(), order.id, correction).catch((error) => expect(error.kind).toBe("rejected"));
        await world.settle();
      }
      if (each.does === "resolve" && open) {
        const { outcome } = each;
        const ends = await Promise.allSettled(
          Array.from({ length: each.twice ? 2 : 1 }, () =>
            Flags.resolve(staff(), open.id, { outcome, reason: "It was looked at" }),
          ),
        );
        expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      }
      if (each.does === "refund") await tell("refund.created", refund(of, each.amount));
      if (each.does === "dispute")
        await tell("charge.dispute.updated", {
          id: dispute,
          object: "dispute",
          status: each.status,
          amount: 5_000,
          currency: of.currency,
          charge: of.charge,
          payment_intent: of.paymentIntent,
          balance_transactions: [],
        });
    }
    await check();
  }
}

async function look() {
  const items = await scan(world);
  const of = (name: string) => items.filter((item) => item.__edb_e__ === name);
  return {
    orders: of("order") as OrderItem[],
    flags: of("flag") as Flags.FlagItem[],
    commissions: of("commission") as Commission[],
  };
}

async function check(): Promise<void> {
  const { orders, flags, commissions } = await look();
  for (const commission of commissions) {
    const order = orders.find(({ id }) => id === commission.orderId)!;
    const open = flags
      .filter(({ orderId, state, ambassadorId }) => {
        return orderId === order.id && state === "open" && ambassadorId === order.attribution?.ambassadorId;
      })
      .map(({ id }) => `flag:${id}`);
    const held = holdsOf(order).map(({ reason }) => reason);
    // Each open flag holds its order while it is theirs of whom it tells, and an ended one does not.
    expect(held.filter((reason) => reason.startsWith("flag:")).sort()).toEqual(open.sort());
    const theirs = order.attribution?.ambassadorId === commission.ambassadorId;
    if (!theirs) expect(commission.state).toBe("reversed");
    else if (commission.state !== "reversed") expect(commission.place === "held").toBe(held.length > 0);
  }
  expect((await checkLedger(world.table)).differences).toEqual([]);
}
