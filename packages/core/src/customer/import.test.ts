import { afterAll, beforeAll, expect, test } from "vitest";
import { type Caller, signedIn } from "../../../../functions/api/testing.ts";
import { ambassador, type Checkout, event, openCheckout, purchase, session } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { findJob } from "../job/index.ts";
import { runJob } from "../job-runner/index.ts";
import { emailKey, normaliseEmail, sha256 } from "../kernel/index.ts";
import { list, receipt } from "../order/index.ts";
import { parse } from "../table/entity.ts";
import { getItem } from "../table/read.ts";
import { CustomerEntity } from "./customer.entity.ts";
import { importCustomers } from "./index.ts";

let world: World;
let manager: Caller;
let checkout: Checkout;
beforeAll(async () => {
  world = await openWorld();
  manager = await signedIn(world, ["manager"]);
  checkout = openCheckout(world);
});
afterAll(() => world.close());

const take = async (customers: string[]) => {
  const { job } = await importCustomers(world.ctx(manager.actor), { customers });
  await runJob(world.ctx(), job.id, Date.now() + 60_000);
  return (await findJob(world.ctx(), job.id))!;
};
const customerOf = async (email: string) =>
  parse(CustomerEntity, await getItem(world.table, { pk: `CUS#${emailKey(world.ctx().keys, email)}`, sk: "CUSTOMER" }));
/** A paid order by a code; its receipt. */
async function buys(email: string, promotionCodeId: string) {
  const of = purchase(world.clock.now());
  const told = event(
    "checkout.session.completed",
    session(of, { discounts: [{ coupon: null, promotion_code: promotionCodeId }], customer_details: { email } }),
    of.at,
  );
  expect((await checkout.tell(told)).status).toBe(200);
  const done = await getItem(world.table, { pk: `EVT#${world.program.connectionId}#${told.id}`, sk: "DONE" });
  return receipt(world.ctx(manager.actor), done!.orderId);
}

test("addresses and hashes, written however, are one customer each, and of none is the address kept", async () => {
  const many = Array.from({ length: 230 }, (_, n) => `before-${n}@example.com`);
  const job = await take([
    ...many,
    " Before-1@Example.COM ",
    sha256(normaliseEmail("before-2@example.com")).toUpperCase(),
  ]);
  expect(job).toMatchObject({ state: "done", total: 230, done: 230, refused: 0 });
  for (const email of [many[0]!, many[2]!, many[229]!])
    expect(await customerOf(email)).toMatchObject({ orderCount: 0, importedAt: expect.any(String) });
  const everything = JSON.stringify(await scan(world));
  expect(everything).not.toContain("before-1@");
  expect(everything).not.toContain(sha256("before-2@example.com"));
});

test("whoever bought before is no new customer, and the receipt says so", async () => {
  await take(["known@example.com"]);
  const anna = await ambassador(world, "Anna Import");
  const returning = await buys("known@example.com", anna.promotionCodeId);
  const fresh = await buys("stranger@example.com", anna.promotionCodeId);
  expect([returning.inputs.newCustomer, fresh.inputs.newCustomer]).toEqual([false, true]);

  // Lists tell it too, to the ambassador as to the team, and can be narrowed to either.
  const listed = async (customer?: "new" | "returning", ambassadorId?: string) => {
    const { items } = await list(world.ctx(manager.actor), { customer, ambassadorId });
    return items.map(({ id, newCustomer }) => [id, newCustomer]);
  };
  for (const whose of [undefined, anna.id]) {
    expect(await listed("new", whose)).toEqual([[fresh.orderId, true]]);
    expect(await listed("returning", whose)).toEqual([[returning.orderId, false]]);
  }
  expect(await listed()).toHaveLength(2);
});

test("a list that comes again changes nothing, nor does one that names a buyer of ours", async () => {
  const anna = await ambassador(world, "Berta Import");
  await buys("ours@example.com", anna.promotionCodeId);
  const bought = await customerOf("ours@example.com");
  expect(await take(["twice@example.com", "ours@example.com"])).toMatchObject({ total: 2, done: 1, refused: 1 });
  const first = await customerOf("twice@example.com");
  world.clock.advance(60_000);
  expect(await take(["ours@example.com", "twice@example.com"])).toMatchObject({ total: 2, done: 0, refused: 2 });
  expect(await customerOf("twice@example.com")).toEqual(first);
  expect(await customerOf("ours@example.com")).toEqual(bought);
});

test("two lists at once, and a sale in between: every customer is there once, and no order is lost from them", async () => {
  const anna = await ambassador(world, "Clara Import");
  const emails = Array.from({ length: 40 }, (_, n) => `race-${n}@example.com`);
  const sales = emails.slice(0, 8).map((email) => buys(email, anna.promotionCodeId));
  await Promise.all([take(emails), take([...emails].reverse()), ...sales]);
  for (const [n, email] of emails.entries()) {
    const customer = await customerOf(email);
    expect(customer?.orderCount).toBe(n < 8 ? 1 : 0);
    expect(customer?.firstOrderId !== undefined).toBe(n < 8);
  }
});

test("a row that is nothing of the kind is named by its place, never repeated, and nothing is taken in", async () => {
  const refused = await importCustomers(world.ctx(manager.actor), {
    customers: ["fine@example.com", "Ada Secret, Main Street"],
  }).catch((error) => error);
  expect(refused).toMatchObject({ kind: "invalid", code: "customer.not_an_address" });
  expect(refused.message).toContain("Row 2");
  expect(refused.message).not.toContain("Secret");
  expect(await customerOf("fine@example.com")).toBeUndefined();
});

test("only who looks after applicants and ambassadors may tell who bought before", async () => {
  const viewer = await signedIn(world, ["viewer"]);
  await expect(importCustomers(world.ctx(viewer.actor), { customers: ["a@example.com"] })).rejects.toMatchObject({
    kind: "forbidden",
  });
});
