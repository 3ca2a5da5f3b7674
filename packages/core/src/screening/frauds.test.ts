import { afterAll, beforeAll, expect, test } from "vitest";
import { createMinute } from "../../../../functions/job/minute.ts";
import { createRedirect } from "../../../../functions/redirect.ts";
import {
  ambassador,
  type Checkout,
  charge,
  event,
  openCheckout,
  type Purchase,
  purchase,
  refund,
  session,
  type TestAmbassador,
  withCode,
} from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { scan } from "../../../local/testing/scan.ts";
import { approve } from "../application/index.ts";
import { confirmed } from "../application/testing.ts";
import { findCode, promotionCodesOf } from "../code/index.ts";
import type { Commission } from "../commission/index.ts";
import * as Flags from "../flag/index.ts";
import { rules } from "../flag/rules.ts";
import { accountsOf, balancesOf } from "../ledger/index.ts";
import { checkLedger } from "../ledger-check/index.ts";
import type { OrderItem } from "../order/index.ts";

/* Each fraud as it would be done, among honest sales: from the checkout's webhook to the money that is held. */

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
type Json = Record<string, unknown>;

let world: World;
let checkout: Checkout;
/** By what was tried: the purchases of it, the last of which is the one to be caught. */
const tried = new Map<string, Purchase[]>();
const honest: Purchase[] = [];
const who: Record<string, TestAmbassador> = {};
/** What there was once all of it was done and screened. */
let seeded: State;

const address = (street: string): Json => ({
  line1: street,
  line2: null,
  postal_code: "10115",
  city: "Berlin",
  country: "DE",
  state: null,
});
/** Nobody's twice: what a buyer tells of themselves. */
let buyers = 0;
const buyer = (more: { email?: string; street?: string } = {}): Json => {
  const n = ++buyers;
  const mail = ["gmail.com", "gmx.de", "web.de", "icloud.com", `firma-${n}.de`][n % 5];
  return {
    customer_details: {
      email: more.email ?? `kundin${n}@${mail}`,
      name: "A Buyer",
      phone: null,
      address: address(more.street ?? `Am Feld ${n}`),
    },
  };
};
async function tell(type: string, object: Json): Promise<void> {
  expect((await checkout.tell(event(type, object, world.clock.now()))).status).toBe(200);
}
async function buy(by: TestAmbassador | undefined, more: Json = {}): Promise<Purchase> {
  const of = purchase(world.clock.now());
  await tell(
    "checkout.session.completed",
    session(of, { ...buyer(), ...(by ? withCode(by.promotionCodeId) : {}), ...more }),
  );
  world.clock.advance(minuteMs / 2);
  return of;
}
async function visit({ code }: TestAmbassador, query = "", referer = ""): Promise<string> {
  const { table, clock, newId, runtime } = world;
  const redirect = createRedirect({ table, now: clock.now, newId, log: runtime.log });
  const answer = await redirect.request(`/r/${code}${query}`, {
    headers: {
      "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
      ...(referer ? { referer } : {}),
    },
  });
  return new URL(answer.headers.get("location")!).searchParams.get("laurel_click")!;
}
const byClick = (click: string): Json => ({ discounts: [], client_reference_id: click });
const card = (of: Purchase, refundedMinor: number, fingerprint: string): Json =>
  charge(of, refundedMinor, { payment_method_details: { type: "card", card: { last4: "4242", fingerprint } } });
const attempt = async (name: string, ...of: Purchase[]) => void tried.set(name, of);

beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-01T08:00:00Z" });
  checkout = openCheckout(world);
  for (const name of ["Anna", "Ben", "Cleo", "Dora", "Emil", "Fina"])
    who[name] = await ambassador(world, `${name} Muster`);
  const { Anna, Ben, Cleo, Dora, Emil, Fina } = who as Record<string, Required<TestAmbassador>>;

  // Honest weeks: posts bring visits, visits bring orders, some of them come back.
  for (let day = 0; day < 9; day++) {
    for (const seller of [Emil, Fina]) {
      const clicks = await Promise.all(Array.from({ length: 4 }, () => visit(seller!, day % 3 ? "?fbclid=x" : "")));
      honest.push(await buy(seller), await buy(undefined, byClick(clicks[0]!)), await buy(seller));
    }
    const [back] = honest.slice(-1);
    if (day % 4 === 0) await tell("refund.created", refund(back!, back!.totalMinor));
    world.clock.advance(dayMs);
  }
  await world.settle();

  // What ambassadors do with their own code.
  const own = await buy(undefined, buyer({ email: Anna!.email, street: "Meine Straße 7" }));
  await tell("charge.refunded", card(own, 100, "Xt5EWLLDS7FJjR1c"));
  await world.settle();
  await attempt("own_email", await buy(Anna, buyer({ email: Anna!.email.replace("@", "+shop@") })));
  await attempt("own_address", await buy(Anna, buyer({ street: "MEINE STRASSE 7" })));
  await attempt("disposable_email", await buy(Anna, buyer({ email: "x@yopmail.com" })));
  // A little of it went back before its own event came, which told of the card.
  const paid = purchase(world.clock.now());
  await tell("charge.refunded", card(paid, 100, "Xt5EWLLDS7FJjR1c"));
  await tell("checkout.session.completed", session(paid, { ...buyer(), ...withCode(Anna!.promotionCodeId) }));
  await attempt("own_card", paid);
  await attempt("paid_ads", await buy(undefined, byClick(await visit(Anna!, "?gclid=abc"))));
  await attempt(
    "coupon_site",
    await buy(undefined, byClick(await visit(Anna!, "", "https://www.supercoupons.example/x"))),
  );
  await world.settle();

  // Codes that got out: one is used by very many within the hour, one by too many in a day.
  const many: Purchase[] = [];
  for (let n = 0; n < 30; n++) many.push(await buy(Ben));
  await attempt("velocity", ...many);
  const leaked: Purchase[] = [];
  for (let n = 0; n < 12; n++) {
    leaked.push(await buy(Cleo));
    world.clock.advance(90 * minuteMs);
  }
  await attempt("burst_without_clicks", ...leaked);
  await world.settle();

  // Orders that are made to go back.
  const returned: Purchase[] = [];
  for (let n = 0; n < 9; n++) {
    returned.push(await buy(Dora));
    world.clock.advance(dayMs);
    if (n < 4) await tell("refund.created", refund(returned[n]!, returned[n]!.totalMinor));
  }
  await world.settle();
  returned.push(await buy(Dora));
  await attempt("refund_rate", ...returned);
  await world.settle();
  seeded = await look();
}, 240_000);
afterAll(() => world.close());

interface State {
  orders: OrderItem[];
  flags: Flags.FlagItem[];
  commissions: Commission[];
}
async function look(): Promise<State> {
  const items = await scan(world);
  const of = (name: string) => items.filter((item) => item.__edb_e__ === name) as never[];
  return { orders: of("order"), flags: of("flag"), commissions: of("commission") };
}
const orderOf = ({ orders }: State, of: Purchase): OrderItem =>
  orders.find((order) => order.aliases.includes(of.session))!;
const rulesOn = (state: State, of: Purchase): string[] =>
  state.flags.filter((flag) => flag.orderId === orderOf(state, of).id && flag.state === "open").map(({ rule }) => rule);
/** Exactly what an open flag concerns is held, of every ambassador. */
async function heldIsFlagged(): Promise<void> {
  const state = await look();
  const open = new Set(state.flags.filter((flag) => flag.state === "open").map(({ orderId }) => orderId));
  for (const commission of state.commissions)
    if (commission.state !== "reversed")
      expect(commission.place === "held", commission.orderId).toBe(open.has(commission.orderId));
  for (const { id } of Object.values(who)) {
    const held = state.commissions.filter((each) => each.ambassadorId === id && open.has(each.orderId));
    const [account] = await accountsOf(world.table, id);
    expect(balancesOf(account!).heldMinor).toBe(
      held.reduce((sum, { earnedMinor, reversedMinor }) => sum + earnedMinor - reversedMinor, 0),
    );
  }
  expect((await checkLedger(world.table)).differences).toEqual([]);
}

test.each(rules.map(({ name }) => name).filter((name) => name !== "same_domain"))("%s catches its fraud", (name) => {
  expect(rulesOn(seeded, tried.get(name)!.at(-1)!)).toContain(name);
});

test("same_domain catches its fraud", async () => {
  const { id, email } = await confirmed(world, { name: "Greta Muster", email: "greta@greta-mode.de" });
  const { ambassador: made, code } = await approve(world.ctx(world.staff("manager")), id, {});
  await world.settle();
  const stored = (await findCode(world.ctx(), code.code))!;
  const promotionCodeId = promotionCodesOf(stored)[world.program.connectionId]!;
  const greta: TestAmbassador = { id: made.id, code: code.code, promotionCodeId, email };
  const of = await buy(greta, buyer({ email: "naehen@greta-mode.de" }));
  await world.settle();
  expect(rulesOn(await look(), of)).toEqual(["same_domain"]);
  who.Greta = greta;
});

test("where a burst only begins, and where few orders went back, nothing is flagged", () => {
  for (const of of [...tried.get("burst_without_clicks")!.slice(0, 11), ...tried.get("refund_rate")!.slice(4, 9)])
    expect(rulesOn(seeded, of)).toEqual([]);
});

test("of the honest orders all rules together flag less than 2 %", () => {
  const flagged = honest.filter((of) => rulesOn(seeded, of).length > 0);
  console.info(`honest orders flagged end to end: ${flagged.length} of ${honest.length}`);
  expect(honest.length).toBeGreaterThan(50);
  expect(flagged.length / honest.length).toBeLessThan(0.02);
});

test("a flag holds the money that it concerns, and nothing else of its ambassador", heldIsFlagged);

test("held by two flags, it goes on once both are cleared", async () => {
  const last = tried.get("velocity")!.at(-1)!;
  const state = await look();
  const { id } = orderOf(state, last);
  expect(rulesOn(state, last).sort()).toEqual(["burst_without_clicks", "velocity"]);
  const place = async () => (await look()).commissions.find(({ orderId }) => orderId === id)!.place;
  for (const flag of state.flags.filter(({ orderId }) => orderId === id)) {
    expect(await place()).toBe("held");
    const ctx = world.ctx(world.staff("manager"));
    await Flags.resolve(ctx, flag.id, { outcome: "cleared", reason: "They spoke on the radio that day" });
    await heldIsFlagged();
  }
  expect(await place()).toBe("pending");
});

test("a fraud that is confirmed is taken back; at what nobody looks, that expires, and the money goes on", async () => {
  const state = await look();
  const order = orderOf(state, tried.get("own_card")![0]!);
  const flag = state.flags.find((each) => each.orderId === order.id && each.rule === "own_card")!;
  const ctx = world.ctx(world.staff("manager"));
  await Flags.resolve(ctx, flag.id, { outcome: "confirmed", reason: "It is her own card" });
  expect((await look()).commissions.find(({ orderId }) => orderId === order.id)!.state).toBe("reversed");
  await heldIsFlagged();
  world.clock.advance(14.5 * dayMs);
  await createMinute(world.runtime)();
  const after = await look();
  expect(after.flags.filter(({ state: is }) => is === "open")).toEqual([]);
  expect(after.commissions.filter(({ place }) => place === "held")).toEqual([]);
  await heldIsFlagged();
});
