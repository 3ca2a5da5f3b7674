import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  type StripeEvent,
  type TestAmbassador,
  withCode,
} from "../../../local/testing/checkout.ts";
import { withoutFlags } from "../../../local/testing/flags.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { type Billed, beginning, billed, paid } from "../../../local/testing/renderings.ts";
import { checkLedger } from "../ledger-check/index.ts";
import type { OrderItem } from "../order/index.ts";
import * as Orders from "../order/index.ts";
import * as Corrections from "./index.ts";
import { orderOf } from "./testing.ts";

const dayMs = 86_400_000;
const reason = "Bela had told us of this buyer";
let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
let bela: TestAmbassador;

beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  await withoutFlags(world);
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
  bela = await ambassador(world, "Bela Probe", { tierId: world.program.laurelTierId });
});
afterAll(async () => {
  expect((await checkLedger(world.table)).differences).toEqual([]);
  await world.close();
});

const tell = async (...told: StripeEvent[]) => {
  for (const each of told) expect((await checkout.tell(each)).status).toBe(200);
  await world.settle();
};
const began = (of: Billed) =>
  event("checkout.session.completed", beginning(of, "endive", withCode(anna.promotionCodeId)), of.at);
/** The next payment, a month later. */
function renewed({ subscription }: Billed): Billed {
  world.clock.advance(30 * dayMs);
  return billed(world.clock.now(), { subscription, reason: "subscription_cycle" });
}
async function stored({ invoice }: Billed): Promise<OrderItem> {
  const { items } = await Orders.list(world.ctx(), { externalId: invoice });
  expect(items).toHaveLength(1);
  return orderOf(world, items[0]!.id);
}
const correct = async (of: Billed, to: TestAmbassador | null) => {
  const order = await stored(of);
  const ctx = world.ctx(world.staff("manager"));
  return Corrections.propose(ctx, order.id, { version: order.version, ambassadorId: to?.id ?? null, reason });
};
const owner = async (of: Billed) => (await stored(of)).attribution?.ambassadorId;
const causes = async (of: Billed) =>
  (await Orders.receipt(world.ctx(), (await stored(of)).id)).revisions.map(({ cause }) => cause);

test("a subscription whose first payment is corrected follows: what comes after it is the new owner's, what came before stays", async () => {
  const first = billed(world.clock.now());
  await tell(began(first), ...paid(first, "endive"));
  const second = renewed(first);
  await tell(...paid(second, "endive"));
  expect([await owner(first), await owner(second)]).toEqual([anna.id, anna.id]);

  await correct(first, bela);
  expect([await owner(first), await owner(second)]).toEqual([bela.id, anna.id]);
  const third = renewed(first);
  await tell(...paid(third, "endive"));
  const order = await stored(third);
  expect(order.attribution).toMatchObject({ ambassadorId: bela.id, kind: "subscription", code: bela.code });
  expect((await Orders.commissionAt(world.ctx(), bela.id, order))?.earnedMinor).toBe(1_440);
  expect(await causes(third)).toEqual([`Corrected by hand, with the subscription's first payment: ${reason}`]);

  // Nothing that the checkout tells once more takes it back, and what was decided before is not decided anew.
  await tell(began(first), ...paid(second, "endive"), ...paid(third, "basil"));
  for (const of of [first, second, third]) await Orders.decideAgain(world.ctx(), (await stored(of)).id);
  expect(await Promise.all([first, second, third].map(owner))).toEqual([bela.id, anna.id, bela.id]);

  // Taken from everybody, it is nobody's from then on; given back, it earns again.
  await correct(first, null);
  const fourth = renewed(first);
  await tell(began(first), ...paid(fourth, "endive"));
  expect(await Promise.all([first, second, third, fourth].map(owner))).toEqual([
    undefined,
    anna.id,
    bela.id,
    undefined,
  ]);
  await correct(first, anna);
  const fifth = renewed(first);
  await tell(...paid(fifth, "endive"));
  expect(await Promise.all([first, third, fourth, fifth].map(owner))).toEqual([anna.id, bela.id, undefined, anna.id]);
});

test("a later payment that is corrected is corrected alone", async () => {
  const first = billed(world.clock.now());
  await tell(began(first), ...paid(first, "endive"));
  const second = renewed(first);
  await tell(...paid(second, "endive"));
  await correct(second, bela);
  const third = renewed(first);
  await tell(...paid(third, "endive"));
  expect(await Promise.all([first, second, third].map(owner))).toEqual([anna.id, bela.id, anna.id]);
});

test("one whose checkout was never told is corrected as well: the payments that wait for it are decided so", async () => {
  const first = billed(world.clock.now());
  await tell(...paid(first, "endive"));
  const second = renewed(first);
  // The look for the checkout is not due yet in this minute: both wait.
  await tell(...paid(second, "endive"));
  expect((await stored(second)).awaits).toBe("checkout");
  await correct(first, bela);
  await world.settle();
  expect(await Promise.all([first, second].map(owner))).toEqual([bela.id, bela.id]);
  await tell(began(first));
  expect(await Promise.all([first, second].map(owner))).toEqual([bela.id, bela.id]);
});
