import { afterAll, beforeAll, expect, test } from "vitest";
import { createMinute } from "../../../../functions/job/minute.ts";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  providerId,
  purchase,
  session,
  type TestAmbassador,
  withCode,
} from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { wrapped } from "../../../local/testing/wrap.ts";
import { list as listAmbassadors, putCodeAgain, rotateCode } from "../ambassador/index.ts";
import { firstName, refusalOf } from "../application/testing.ts";
import { list as listAudit } from "../audit/index.ts";
import { list as listEvents } from "../event/index.ts";
import { AppError } from "../kernel/index.ts";
import { list as listOrders } from "../order/index.ts";
import { getItem, parse, transact, write } from "../table/index.ts";
import { checkCode } from "./check.ops.ts";
import { CodeEntity, type CodeItem } from "./code.entity.ts";
import { findCode } from "./code.ops.ts";
import { PromoEntity, promoKey } from "./promo.entity.ts";
import { syncCode } from "./sync.ops.ts";

let world: World;
let checkout: Checkout;
let came = 0;
beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  checkout = openCheckout(world);
});
afterAll(() => world.close());

const manager = () => world.ctx(world.staff("manager"));
const newcomer = () => ambassador(world, `${firstName(came++)} Coder`);
const stored = async ({ code }: Pick<TestAmbassador, "code">): Promise<CodeItem> =>
  (await findCode(world.ctx(), code))!;
const atStripe = (id: string) => world.stripe.promotionCodes.get(id)!;

async function restate(of: TestAmbassador, changes: Partial<CodeItem>): Promise<void> {
  const before = await stored(of);
  const next = { ...before, ...changes, version: before.version + 1 };
  await transact(world.table, [write.put("code", CodeEntity.put(next).params({ table: world.table.name }))]);
}

/** What somebody does in Stripe's own pages, and what Stripe then tells. */
async function switchAtStripe(id: string, active: boolean) {
  atStripe(id).active = active;
  return told("promotion_code.updated", { id, object: "promotion_code", active });
}

/** Tells an event, lets everything follow, and returns what the inbox says of it. */
async function told(type: string, object: Record<string, unknown>, more = {}) {
  const said = event(type, object, world.clock.now(), more);
  expect((await checkout.tell(said)).status).toBe(200);
  await world.settle();
  const { items } = await listEvents(world.ctx(), {});
  return items.find(({ providerEventId }) => providerEventId === said.id)!;
}

test("a code that is switched off at Stripe is shown as not working, and as working once it is on again", async () => {
  const anna = await newcomer();
  expect(await switchAtStripe(anna.promotionCodeId, false)).toMatchObject({
    status: "processed",
    outcome: expect.stringContaining(`${anna.code} was switched off there`),
  });
  const { name } = (await world.ctx().program()).connections[0]!;
  expect(await stored(anna)).toMatchObject({
    state: "failed",
    stateReason: `It was switched off at ${name}, not by Laurel.`,
  });
  const failing = async () => (await listAmbassadors(manager(), { status: "active", codes: "failed" })).items;
  expect(await failing()).toMatchObject([{ id: anna.id, code: anna.code }]);
  // Nobody is overruled: it stays as it is there.
  expect(atStripe(anna.promotionCodeId).active).toBe(false);
  // A sale that was on its way still counts.
  await checkout.tell(
    event(
      "checkout.session.completed",
      session(purchase(world.clock.now()), withCode(anna.promotionCodeId)),
      world.clock.now(),
    ),
  );
  await world.settle();
  expect((await listOrders(world.ctx(), { ambassadorId: anna.id })).items).toHaveLength(1);

  expect(await switchAtStripe(anna.promotionCodeId, true)).toMatchObject({ status: "processed" });
  expect(await stored(anna)).toMatchObject({ state: "active" });
  expect((await stored(anna)).stateReason).toBeUndefined();
  expect(await failing()).toEqual([]);
});

test("what is told late is not believed: the checkout is asked how it is now", async () => {
  const bela = await newcomer();
  await told("promotion_code.updated", { id: bela.promotionCodeId, active: false });
  expect(await stored(bela)).toMatchObject({ state: "active" });
  atStripe(bela.promotionCodeId).active = false;
  // A thin event says no more than which one it is.
  const thin = {
    object: "v2.core.event",
    type: "v1.promotion_code.updated",
    related_object: {
      id: bela.promotionCodeId,
      type: "promotion_code",
      url: `/v1/promotion_codes/${bela.promotionCodeId}`,
    },
    data: undefined,
  };
  expect(await told("v1.promotion_code.updated", {}, thin)).toMatchObject({ status: "processed" });
  expect(await stored(bela)).toMatchObject({ state: "failed" });
  await told("promotion_code.updated", { id: bela.promotionCodeId, active: true });
  expect(await stored(bela)).toMatchObject({ state: "failed" });
});

test("what is known already, and what is none of ours, changes nothing and asks nobody", async () => {
  const cleo = await newcomer();
  world.stripe.calls.length = 0;
  expect(await told("promotion_code.updated", { id: cleo.promotionCodeId, active: true })).toMatchObject({
    status: "processed",
    outcome: expect.stringContaining("is known"),
  });
  expect(await told("promotion_code.updated", { id: providerId("promo"), active: false })).toMatchObject({
    status: "ignored",
    outcome: "The promotion code is not one of Laurel's.",
  });
  for (const type of ["coupon.deleted", "coupon.updated"])
    expect(await told(type, { id: "spring", valid: false })).toMatchObject({ status: "ignored" });
  expect(await told("coupon.updated", { id: "laurel-welcome-15", valid: true })).toMatchObject({ status: "ignored" });
  expect(await told("promotion_code.updated", {})).toMatchObject({ status: "unprocessable" });
  expect(world.stripe.calls).toEqual([]);
});

test("a code that is to be off stays as it is, whatever is told of it", async () => {
  const dora = await newcomer();
  await restate(dora, { ambassadorStatus: "left" });
  await syncCode(world.ctx(), dora.code);
  expect(await stored(dora)).toMatchObject({ state: "disabled" });
  await switchAtStripe(dora.promotionCodeId, true);
  expect(await stored(dora)).toMatchObject({ state: "disabled" });
});

test("where the discount of a campaign is deleted each of its codes is shown, and put again it is another one", async () => {
  const many = [];
  for (let made = 0; made < 10; made++) many.push(await newcomer());
  const { couponId, name } = (await world.ctx().program()).campaigns[0]!;
  world.stripe.coupons.delete(couponId);
  for (const code of world.stripe.promotionCodes.values()) code.active = false;
  expect(await told("coupon.deleted", { id: couponId, valid: false })).toMatchObject({
    status: "processed",
    outcome: expect.stringContaining(`“${name}”`),
  });
  for (const each of many) expect(await stored(each)).toMatchObject({ state: "failed" });

  const [eda, fynn] = many as [TestAmbassador, TestAmbassador];
  expect(await putCodeAgain(manager(), eda.id, eda.code)).toMatchObject({ state: "activating", stateReason: null });
  await world.settle();
  const after = await stored(eda);
  expect(after).toMatchObject({ state: "active" });
  const now = after.promotionCodes[world.program.connectionId];
  expect(now).not.toBe(eda.promotionCodeId);
  expect(atStripe(now)).toMatchObject({ active: true, code: eda.code, couponId });
  expect(world.stripe.coupons.has(couponId)).toBe(true);
  // Both still say whose they are; the former one keeps no copies that nobody would bring up to date.
  const promoOf = async (id: string) =>
    parse(PromoEntity, await getItem(world.table, promoKey(world.program.connectionId, id)));
  expect(await promoOf(now)).toMatchObject({ code: eda.code, ambassadorStatus: "active" });
  const former = await promoOf(eda.promotionCodeId);
  expect(former).toMatchObject({ code: eda.code, ambassadorId: eda.id });
  expect(former!.tierId ?? former!.ambassadorStatus).toBeUndefined();
  // What Stripe says of the former one is of no interest any more.
  expect(await switchAtStripe(eda.promotionCodeId, false)).toMatchObject({
    outcome: expect.stringContaining("Another promotion code"),
  });
  expect(await stored(eda)).toEqual(after);
  expect((await listAudit(manager(), { subject: eda.id })).items[0]).toMatchObject({
    action: "ambassador.code_put_again",
    after: { code: eda.code, failedBecause: expect.stringContaining("switched off") },
  });

  // Its process died once the other one was made, so long ago that Stripe has forgotten the key.
  const gina = many[2]!;
  const metadata = { ...atStripe(gina.promotionCodeId).metadata };
  const made = await world.stripe.createPromotionCode((await world.ctx().program()).connections[0]!, {
    couponId,
    code: gina.code,
    metadata,
    idempotencyKey: "long ago",
  });
  world.stripe.coupons.delete(couponId);
  await putCodeAgain(manager(), gina.id, gina.code);
  await world.settle();
  expect((await stored(gina)).promotionCodes[world.program.connectionId]).toBe(made.id);
  // Somebody else's code has the text by now.
  const hugo = many[3]!;
  world.stripe.promotionCodes.set("promo_theirs", {
    ...atStripe(made.id),
    id: "promo_theirs",
    code: hugo.code,
    metadata: {},
  });
  await putCodeAgain(manager(), hugo.id, hugo.code);
  await world.settle();
  expect(await stored(hugo)).toMatchObject({ state: "failed", stateReason: expect.stringContaining("did not make") });

  world.stripe.coupons.set(couponId, { id: couponId, name, percentOff: 15 });
  // Here only the former one was switched off: it is switched on, and stays.
  atStripe(fynn.promotionCodeId).active = false;
  await putCodeAgain(manager(), fynn.id, fynn.code);
  await world.settle();
  expect((await stored(fynn)).promotionCodes[world.program.connectionId]).toBe(fynn.promotionCodeId);
  expect(atStripe(fynn.promotionCodeId).active).toBe(true);
});

test("a code is put again where it has failed, by those who may, and where it is to work", async () => {
  const gus = await newcomer();
  expect(await refusalOf(putCodeAgain(manager(), gus.id, gus.code))).toMatchObject({ code: "code.not_failed" });
  await switchAtStripe(gus.promotionCodeId, false);
  const other = await newcomer();
  for (const [id, code] of [
    [other.id, gus.code],
    [gus.id, "NOSUCHCODE"],
    [world.newId("ambassador"), gus.code],
  ] as const)
    expect(await refusalOf(putCodeAgain(manager(), id, code))).toMatchObject({ kind: "not_found" });
  const finance = world.ctx(world.staff("finance"));
  expect(await refusalOf(putCodeAgain(finance, gus.id, gus.code))).toMatchObject({ kind: "forbidden" });
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => putCodeAgain(manager(), gus.id, gus.code)));
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const each of outcomes)
    if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "code.not_failed" });
  await world.settle();
  expect(await stored(gus)).toMatchObject({ state: "active" });
});

test("a code that a checkout does not take is replaced at once, and its owner is told why", async () => {
  const ida = await newcomer();
  await switchAtStripe(ida.promotionCodeId, false);
  const next = await rotateCode(manager(), ida.id, { code: ida.code, graceDays: 7 });
  await world.settle();
  // The mail follows the code: where it was a moment too early, the next minute sends it.
  world.clock.advance(60_000);
  await createMinute(world.runtime)();
  expect(await stored(next)).toMatchObject({ state: "active", primary: true });
  expect(await stored(ida)).toMatchObject({ state: "disabled", replacedBy: next.code });
  const mail = world.mails.at(-1)!;
  expect(mail).toMatchObject({ to: ida.email, subject: expect.stringContaining(next.code) });
  expect(mail.text).toContain(`The shop could not let customers use your code ${ida.code}`);
  expect(mail.text).toContain(`${ida.code} does not work any more.`);
  expect(mail.text).not.toContain("coupons");
});

test("while Stripe does not answer nothing is recorded, and it is looked at again", async () => {
  const hana = await newcomer();
  atStripe(hana.promotionCodeId).active = false;
  world.stripe.failNext(new AppError("unavailable", "stripe.unavailable", "Stripe does not answer."));
  await expect(checkCode(world.ctx(), hana.code)).rejects.toMatchObject({ kind: "unavailable" });
  expect(await stored(hana)).toMatchObject({ state: "active" });
  // Who is overtaken by another writer looks again.
  let writes = 0;
  const table = wrapped(world.table, async (call, send) => {
    if (call.name === "TransactWrite" && ++writes === 1) await restate(hana, {});
    return send();
  });
  await checkCode({ ...world.ctx(), table }, hana.code);
  expect(writes).toBe(2);
  expect(await stored(hana)).toMatchObject({ state: "failed" });
  const { version } = await stored(hana);
  await checkCode(world.ctx(), hana.code);
  expect((await stored(hana)).version).toBe(version);
});
