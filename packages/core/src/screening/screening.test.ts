import type { Flag } from "@laurel/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createMinute } from "../../../../functions/job/minute.ts";
import { createRedirect } from "../../../../functions/redirect.ts";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  type Purchase,
  purchase,
  refund,
  session,
  type TestAmbassador,
  withCode,
  withEmail,
} from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { findAmbassador, rotateCode } from "../ambassador/index.ts";
import { findCode } from "../code/index.ts";
import { type Commission, CommissionEntity } from "../commission/index.ts";
import * as Flags from "../flag/index.ts";
import { balancesFor } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import { receipt } from "../order/index.ts";
import { parse } from "../table/entity.ts";
import { mailboxOf } from "./mailbox.ts";
import { marksOf } from "./marks.ts";
import { foldedEmail } from "./providers.ts";

const dayMs = 86_400_000;
let world: World;
let checkout: Checkout;
let anna: TestAmbassador;
beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  checkout = openCheckout(world);
  anna = await ambassador(world, "Anna Muster");
});
afterAll(() => world.close());

const manager = () => world.ctx(world.staff("manager"));
const pay = async (email: string, more: Record<string, unknown> = {}, who = anna): Promise<Purchase> => {
  // Of two orders that a buyer places in the same second nobody can tell which was first.
  world.clock.advance(1_000);
  const of = purchase(world.clock.now());
  await checkout.tell(
    event(
      "checkout.session.completed",
      session(of, { ...withCode(who.promotionCodeId), ...withEmail(email), ...more }),
      of.at,
    ),
  );
  await world.settle();
  return of;
};
const orderOf = async (of: Purchase) =>
  (await scan(world)).find((item) => item.__edb_e__ === "order" && item.aliases.includes(of.session))!;
const flagsOf = async (of: Purchase): Promise<Flag[]> => {
  const { id } = await orderOf(of);
  const items = (await scan(world)).filter((item) => item.__edb_e__ === "flag" && item.orderId === id);
  return Promise.all(items.map((item) => Flags.get(manager(), item.id)));
};
const commissionOf = async (of: Purchase): Promise<Commission> => {
  const { id } = await orderOf(of);
  return parse(
    CommissionEntity,
    (await scan(world)).find((item) => item.__edb_e__ === "commission" && item.orderId === id),
  )!;
};
/** The ambassador's mailbox, written as nobody compares it: anna's address with `+shop` in it. */
const plussed = () => anna.email.replace("@", "+shop@");
const minute = (laterMs = 0) => {
  world.clock.advance(laterMs);
  return createMinute(world.runtime)();
};
const booksAreRight = async () => expect((await checkLedger(world.table)).differences).toEqual([]);

test("addresses are folded to the mailbox behind them", () => {
  expect(foldedEmail("a.n.na+x@googlemail.com")).toBe("anna@gmail.com");
  expect(foldedEmail("a.n.na+x@posteo.de")).toBe("a.n.na@posteo.de");
  expect(foldedEmail("+anna@posteo.de")).toBe("+anna@posteo.de");
  expect(foldedEmail("...@gmail.com")).toBe("...@gmail.com");
});

test("what kind of domain an address has is told, by the lists and below the public suffixes", async () => {
  const { keys } = world.ctx();
  const kind = async (address: string) => (await mailboxOf(keys, address))?.domain;
  expect(await kind("a@gmx.de")).toBe("public");
  expect(await kind("a@gmx.net")).toBe("public");
  expect(await kind("a@yopmail.com")).toBe("disposable");
  expect(await kind("a@anything.33m.co")).toBe("disposable");
  expect(await kind("a@muster-familie.de")).toBe("private");
  expect(await kind("a@some.where.example")).toBe("public");
  expect(await kind("nobody")).toBeUndefined();
  const [a, b] = [await mailboxOf(keys, "a@mail.firma.co.uk"), await mailboxOf(keys, "b@firma.co.uk")];
  expect(a?.domainKey).toBe(b?.domainKey);
  expect(a?.domainKey).not.toBe((await mailboxOf(keys, "a@andere.co.uk"))?.domainKey);
});

test("the address that a shop sends from is nobody's own, though it stands in every order", () => {
  const { keys } = world.ctx();
  const at = (address1: string) => ({ address1, zip: "12345", country_code: "DE" });
  const order = (street: string) => ({
    shipping_address: at(street),
    line_items: [{ origin_location: at("Lagerweg 1"), destination_location: at(street) }],
    fulfillments: [{ origin_address: at("Lagerweg 1") }],
  });
  const [a, b] = ["Hauptstraße 1", "Am Feld 2"].map((street) => marksOf(keys, [order(street)]).addresses);
  expect([a!.length, b!.length]).toEqual([1, 1]);
  expect(a).not.toEqual(b);
});

test("a sale with the ambassador's own mailbox is held, and what was seen names no address", async () => {
  const of = await pay(plussed());
  const [flag, ...others] = await flagsOf(of);
  expect(others).toEqual([]);
  expect(flag).toMatchObject({ rule: "own_email", severity: "high", state: "open", ambassadorName: "Anna Muster" });
  const commission = await commissionOf(of);
  expect(commission.place).toBe("held");
  expect(flag!.held).toEqual({ currency: "EUR", amountMinor: commission.earnedMinor });
  const stored = (await scan(world)).filter((item) => ["flag", "effect", "order"].includes(item.__edb_e__));
  expect(JSON.stringify(stored)).not.toMatch(/@/);
  await booksAreRight();

  // The receipt: the team reads which flag; its ambassador, that it is being checked and until when.
  const { id } = await orderOf(of);
  const holder = {
    kind: "person",
    personId: world.newId("person"),
    roles: ["ambassador"],
    ambassadorId: anna.id,
    network: "::1",
  } as const;
  expect((await receipt(manager(), id)).holds).toMatchObject([{ reason: `flag:${flag!.id}` }]);
  expect((await receipt(world.ctx(holder), id)).holds).toEqual([
    { reason: "flag", sentence: "It is being checked", since: flag!.raisedAt, until: flag!.expiresAt },
  ]);
});

test("an honest sale is screened and not held; one that is told again is screened once", async () => {
  const of = purchase(world.clock.now());
  const told = event(
    "checkout.session.completed",
    session(of, { ...withCode(anna.promotionCodeId), ...withEmail("bea@gmx.de") }),
    of.at,
  );
  await checkout.tell(told);
  await checkout.tell({ ...told, id: "evt_again_1" });
  await world.settle();
  expect(await flagsOf(of)).toEqual([]);
  expect((await commissionOf(of)).place).toBe("pending");
  const { id } = await orderOf(of);
  const screenings = (await scan(world)).filter((item) => item.kind === "order.screen" && item.subject === id);
  expect(screenings.map(({ state }) => state)).toEqual(["done"]);
});

test("each signal that needs what was stored catches its sale", async () => {
  const rulesIn = async (of: Purchase) => (await flagsOf(of)).map(({ rule }) => rule);
  expect(await rulesIn(await pay("x@yopmail.com"))).toEqual(["disposable_email"]);

  // Somebody with a domain of their own, and a purchase of theirs that tells card and address.
  const ben = await ambassador(world, "Ben Muster", {});
  const address = {
    line1: "Hauptstraße 1",
    line2: null,
    city: "Ort",
    postal_code: "12345",
    country: "DE",
    state: null,
  };
  const lives = { customer_details: { email: ben.email, name: "B", phone: null, address } };
  const own = purchase(world.clock.now());
  await checkout.tell(event("checkout.session.completed", session(own, lives), own.at));
  const there = { ...lives.customer_details, email: "cousin@gmx.de", address: { ...address, line1: "HAUPTSTRASSE 1" } };
  expect(await rulesIn(await pay("", { customer_details: { ...there, address } }, ben))).toEqual(["own_address"]);

  const visit = async (query: string, referer?: string) => {
    const { table, clock, newId, runtime } = world;
    const redirect = createRedirect({ table, now: clock.now, newId, log: runtime.log });
    const answer = await redirect.request(`/r/${ben.code}${query}`, {
      headers: {
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        ...(referer ? { referer } : {}),
      },
    });
    return new URL(answer.headers.get("location")!).searchParams.get("laurel_click")!;
  };
  const byClick = async (click: string) => pay("d@gmx.de", { discounts: [], client_reference_id: click }, ben);
  expect(await rulesIn(await byClick(await visit("?gclid=secret1")))).toEqual(["paid_ads"]);
  // By another ambassador's code it is theirs, and they have nothing to do with that advertisement.
  const beside = { client_reference_id: await visit("?gclid=secret4") };
  expect(await rulesIn(await pay("d@gmx.de", beside, anna))).toEqual([]);
  expect(await rulesIn(await byClick(await visit("?fbclid=secret2")))).toEqual([]);
  expect(await rulesIn(await byClick(await visit("?fbclid=secret3&utm_medium=cpc")))).toEqual(["paid_ads"]);
  expect(await rulesIn(await byClick(await visit("", "https://www.supercoupons.example/brand")))).toEqual([
    "coupon_site",
  ]);
  expect(await rulesIn(await byClick(await visit("", "https://blog.example/my-favourites")))).toEqual([]);
  const clicks = (await scan(world)).filter((item) => item.__edb_e__ === "click");
  expect(JSON.stringify(clicks)).not.toMatch(/secret|blog\.example|favourites/);
});

test("a flag that is cleared lets go what no other flag holds", async () => {
  const of = await pay(plussed());
  const { id: orderId } = await orderOf(of);
  const byHand = await Flags.raise(manager(), orderId, { reason: "The parcel went back unopened." });
  expect(byHand).toMatchObject({ rule: "by_hand", evidence: ["The parcel went back unopened."], otherHolds: 1 });
  const [first] = (await flagsOf(of)).filter(({ rule }) => rule === "own_email");
  const cleared = await Flags.resolve(manager(), first!.id, { outcome: "cleared", reason: "A present to herself" });
  expect(cleared).toMatchObject({
    state: "cleared",
    held: null,
    otherHolds: 1,
    resolution: { reason: "A present to herself" },
  });
  expect((await commissionOf(of)).place).toBe("held");
  await Flags.resolve(manager(), byHand.id, { outcome: "cleared", reason: "It was the other one" });
  expect((await commissionOf(of)).place).toBe("pending");
  // Screened again, the rule does not raise it anew.
  const { screenOrder } = await import("./index.ts");
  await screenOrder(world.ctx(), orderId, anna.id);
  expect((await commissionOf(of)).place).toBe("pending");
  await booksAreRight();
});

test("a flag that is confirmed takes the order from its ambassador, and of two who resolve one does", async () => {
  const of = await pay(plussed());
  const [flag] = await flagsOf(of);
  const ends = await Promise.allSettled([
    Flags.resolve(manager(), flag!.id, { outcome: "confirmed", reason: "Bought by herself" }),
    Flags.resolve(manager(), flag!.id, { outcome: "confirmed", reason: "Bought by herself, too" }),
    Flags.resolve(manager(), flag!.id, { outcome: "cleared", reason: "No harm in it" }),
  ]);
  const refused = ends.filter((end) => end.status === "rejected");
  expect(refused.map((end) => end.reason.code)).toEqual(["flag.ended", "flag.ended"]);
  const order = await orderOf(of);
  const [after] = await flagsOf(of);
  if (after!.state === "confirmed") {
    expect(order.attribution).toBeUndefined();
    expect(await commissionOf(of)).toMatchObject({ state: "reversed" });
    expect(order.receipt.revision).toBe(2);
  } else expect(await commissionOf(of)).toMatchObject({ state: "pending" });
  const audits = (await scan(world)).filter((item) => item.__edb_e__ === "audit" && item.after?.flagId === flag!.id);
  expect(audits).toHaveLength(1);
  await booksAreRight();
});

test("a warning of the card's issuer holds until somebody clears it, and told again it does not hold anew", async () => {
  const of = await pay("warned@gmx.de");
  const warning = { id: "issfr_1", charge: of.charge, payment_intent: of.paymentIntent };
  const warn = () => checkout.tell(event("radar.early_fraud_warning.created", warning, of.at));
  await warn();
  expect((await commissionOf(of)).place).toBe("held");
  const { id } = await orderOf(of);
  const person = world.staff("finance");
  const herself = world.ctx({ ...person, ambassadorId: anna.id, roles: [...person.roles, "ambassador"] });
  const reason = "The buyer was called, and knows of the order";
  await expect(Flags.clearWarnings(herself, id, { reason })).rejects.toMatchObject({ code: "flag.about_yourself" });
  expect((await Flags.clearWarnings(manager(), id, { reason })).holds).toEqual([]);
  await warn();
  expect((await commissionOf(of)).place).toBe("pending");
  await expect(Flags.clearWarnings(manager(), id, { reason })).rejects.toMatchObject({ code: "order.no_warning" });
  await booksAreRight();
});

test("nobody resolves what concerns themselves, nor confirms what they raised", async () => {
  const of = await pay(plussed());
  const [flag] = await flagsOf(of);
  const herself = { ...world.staff("owner"), roles: ["owner", "ambassador"] as const, ambassadorId: anna.id };
  const input = { outcome: "cleared", reason: "It is fine" } as const;
  await expect(Flags.resolve(world.ctx(herself), flag!.id, input)).rejects.toMatchObject({
    code: "flag.about_yourself",
  });
  expect(await Flags.get(world.ctx(herself), flag!.id)).toMatchObject({ mayResolve: false });
  await expect(Flags.resolve(world.ctx(world.staff("viewer")), flag!.id, input)).rejects.toMatchObject({
    kind: "forbidden",
  });
  // Nor what they have bought, whoever earns by it.
  const cleo = await ambassador(world, "Cleo Kundin");
  const bought = await pay(cleo.email);
  const byHand = await Flags.raise(manager(), (await orderOf(bought)).id, { reason: "A cousin of hers" });
  const buyer = { ...world.staff("owner"), roles: ["owner", "ambassador"] as const, ambassadorId: cleo.id };
  expect(await Flags.get(world.ctx(buyer), byHand.id)).toMatchObject({ mayResolve: false });
  await expect(Flags.resolve(world.ctx(buyer), byHand.id, input)).rejects.toMatchObject({
    code: "flag.about_yourself",
  });
  const { id: orderId } = await orderOf(of);
  await expect(Flags.raise(world.ctx(herself), orderId, { reason: "Looks odd" })).rejects.toMatchObject({
    kind: "forbidden",
  });
  const finance = world.ctx(world.staff("finance"));
  const raised = await Flags.raise(finance, orderId, { reason: "Looks odd to me" });
  expect(raised).toMatchObject({ mayResolve: true, mayConfirm: false });
  await expect(Flags.resolve(finance, raised.id, { outcome: "confirmed", reason: "I know it" })).rejects.toMatchObject({
    code: "flag.raised_yourself",
  });
});

test("a flag at which nobody looks expires, and the money goes on where its release has come", async () => {
  const of = await pay(plussed());
  const [flag] = await flagsOf(of);
  expect(Date.parse(flag!.expiresAt) - Date.parse(flag!.raisedAt)).toBe(14 * dayMs);
  await minute(13 * dayMs);
  expect((await commissionOf(of)).place).toBe("held");
  await minute(1.01 * dayMs);
  expect((await commissionOf(of)).place).toBe("pending");
  expect(await flagsOf(of)).toMatchObject([{ state: "expired", held: null, resolution: { byName: null } }]);
  await minute(20 * dayMs);
  expect((await commissionOf(of)).place).toBe("available");
  const open = await Flags.list(manager(), { state: "open" });
  expect(open.items).toEqual([]);
  const expired = await Flags.list(manager(), { state: "expired", ambassadorId: anna.id });
  expect(expired.items.map(({ id }) => id)).toContain(flag!.id);
  await expect(Flags.resolve(manager(), flag!.id, { outcome: "cleared", reason: "Too late" })).rejects.toMatchObject({
    code: "flag.ended",
  });
  await booksAreRight();
});

test("what is refunded while it is flagged goes back from where it is held", async () => {
  const of = await pay(plussed());
  const [flag] = await flagsOf(of);
  const before = await commissionOf(of);
  await checkout.tell(event("refund.created", refund(of, of.totalMinor / 2), world.clock.now()));
  await world.settle();
  const after = await commissionOf(of);
  expect(after).toMatchObject({ place: "held", reversedMinor: before.earnedMinor / 2 });
  expect((await Flags.get(manager(), flag!.id)).held?.amountMinor).toBe(before.earnedMinor / 2);
  expect((await balancesFor(manager(), anna.id)).items[0]!.heldMinor).toBe(before.earnedMinor / 2);
  await checkout.tell(event("refund.created", refund(of, of.totalMinor / 2), world.clock.now()));
  await world.settle();
  expect(await Flags.get(manager(), flag!.id)).toMatchObject({ held: null, state: "open" });
  await Flags.resolve(manager(), flag!.id, { outcome: "confirmed", reason: "It went back anyway" });
  await booksAreRight();
});

test("a code that leaked is replaced at once, works until its grace has ended, and its owner is told", async () => {
  const cleo = await ambassador(world, "Cleo Muster");
  const ctx = manager();
  const next = await rotateCode(ctx, cleo.id, { code: cleo.code, graceDays: 2 });
  expect(next.code).not.toBe(cleo.code);
  await expect(rotateCode(ctx, cleo.id, { code: cleo.code })).rejects.toMatchObject({ code: "code.replaced" });
  await expect(rotateCode(ctx, cleo.id, { code: anna.code })).rejects.toMatchObject({ kind: "invalid" });
  await world.settle();
  // The mail follows the code: where it was a moment too early, the next minute sends it.
  await minute(60_000);
  expect((await findAmbassador(world.ctx(), cleo.id))?.primaryCode).toBe(next.code);
  expect((await findCode(world.ctx(), next.code))?.state).toBe("active");
  const mails = world.mails.filter(({ to }) => to === cleo.email);
  expect(mails.at(-1)!.subject).toContain(next.code);
  expect(mails.at(-1)!.text).toContain(`${cleo.code} goes on working until`);

  expect((await findCode(world.ctx(), cleo.code))?.state).toBe("active");
  expect((await commissionOf(await pay("e@gmx.de", {}, cleo))).ambassadorId).toBe(cleo.id);
  await minute(2 * dayMs);
  expect((await findCode(world.ctx(), cleo.code))?.state).toBe("disabled");
  const late = await orderOf(await pay("f@gmx.de", {}, cleo));
  expect(late.attribution).toBeUndefined();
  expect(late.receipt.candidates).toMatchObject([{ rule: "code_replaced", outcome: "lost" }]);
});
