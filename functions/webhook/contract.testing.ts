import { disconnect } from "@laurel/core/connection";
import * as Events from "@laurel/core/event";
import { checkLedger } from "@laurel/core/ledger-check";
import { list as listOrders } from "@laurel/core/order";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ambassador, type TestAmbassador } from "../../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { scan } from "../../packages/local/testing/scan.ts";
import { createRedirect } from "../redirect.ts";

type Json = Record<string, unknown>;

/** A purchase of 85.00 with tax and shipping, 107.10 in all; each has a number of its own. */
export interface Bought {
  n: number;
  at: Date;
  /** By whose code; `foreign` is a code of the shop's own, undefined is none. */
  by?: TestAmbassador | "foreign" | undefined;
  /** The latest visit by a link. */
  click?: string | undefined;
}

/** A webhook before it is signed. What was made once stays the same over all of its deliveries. */
export interface Message {
  topic: string;
  body: Json;
  headers?: Record<string, string>;
}

/** A checkout that sends webhooks, each in its own words. */
export interface CheckoutOfProvider {
  connectionId: string;
  path: string;
  /** What a bad signature is answered with. */
  refused: 400 | 401;
  /** Sends it, signed with the secret of now, with the one before it, or with somebody else's. */
  send(message: Message, how?: { secret?: "current" | "former" | "other"; body?: string }): Promise<Response>;
  /** Everything that is told of a purchase as it is made. */
  bought(of: Bought, paid: boolean): Message[];
  /** The money of a purchase that was not paid arrives. */
  paid(of: Bought): Message[];
  /** It is called off, or the money does not come. */
  calledOff(of: Bought): Message[];
  /** The last of these refunds is made, minor units; the earlier ones stand. */
  refunded(of: Bought, amounts: number[]): Message[];
  /** By which id its order is found. */
  alias(of: Bought): string;
  /** Makes a code that Laurel does not know one that it does; undefined where it is looked up at the checkout by itself. */
  unknownCode(of: TestAmbassador): { by: TestAmbassador; learn: () => Promise<void>; sameSale: boolean };
}

/** What Laurel promises of every checkout, from the signed bytes to the ledger. */
export function testProvider(name: string, open: (world: World) => Promise<CheckoutOfProvider>): void {
  describe(`Checkout: ${name}`, () => {
    let world: World;
    let it: CheckoutOfProvider;
    let anna: TestAmbassador;
    let made = 0;

    beforeAll(async () => {
      world = await openWorld({ programMaxAgeMs: 0, now: "2026-06-20T10:00:00Z" });
      it = await open(world);
      anna = await ambassador(world, "Anna Muster");
      world.clock.advance(20 * 60_000);
    });
    afterAll(async () => {
      expect((await checkLedger(world.table)).differences).toEqual([]);
      await world.close();
    });

    const buy = (more: Partial<Bought> = {}): Bought => ({ n: ++made, at: world.clock.now(), by: anna, ...more });
    const tell = async (...messages: Message[]) => {
      for (const each of messages) expect((await it.send(each)).status).toBe(200);
    };
    const orderOf = async (of: Bought) => {
      const { items } = await listOrders(world.ctx(), { externalId: it.alias(of) });
      expect(items.length).toBeLessThan(2);
      return items[0];
    };
    const whole = {
      status: "paid",
      grossMinor: 10_710,
      baseMinor: 8_500,
      commission: { earnedMinor: 850, reversedMinor: 0 },
    };

    test("a good signature is taken, the one of the secret before it too; a bad one is refused and leaves nothing", async () => {
      const [a, b, c] = [buy(), buy(), buy()];
      await tell(...it.bought(a, true));
      expect(await orderOf(a)).toMatchObject(whole);
      for (const each of it.bought(b, true)) expect((await it.send(each, { secret: "former" })).status).toBe(200);
      expect(await orderOf(b)).toMatchObject(whole);
      const before = (await scan(world)).filter((item) => item.__edb_e__ === "incoming").length;
      for (const each of it.bought(c, true)) {
        expect((await it.send(each, { secret: "other" })).status).toBe(it.refused);
        expect((await it.send(each, { body: `${JSON.stringify(each.body)} ` })).status).toBe(it.refused);
      }
      expect(await orderOf(c)).toBeUndefined();
      expect((await scan(world)).filter((item) => item.__edb_e__ === "incoming")).toHaveLength(before);
    });

    test("a sale by code earns; one by nobody is kept and earns nothing", async () => {
      const [ours, nobodys] = [buy(), buy({ by: undefined })];
      await tell(...it.bought(ours, true), ...it.bought(nobodys, true));
      expect(await orderOf(ours)).toMatchObject({ ...whole, attribution: { ambassadorId: anna.id, code: anna.code } });
      expect(await orderOf(nobodys)).toMatchObject({
        status: "paid",
        baseMinor: 8_500,
        attribution: null,
        commission: null,
      });
    });

    test("what is paid later earns once it is paid, and what is called off never does", async () => {
      const [late, never] = [buy(), buy()];
      await tell(...it.bought(late, false), ...it.bought(never, false));
      expect(await orderOf(late)).toMatchObject({ status: "pending", commission: null });
      await tell(...it.paid(late), ...it.calledOff(never));
      expect(await orderOf(late)).toMatchObject(whole);
      expect(await orderOf(never)).toMatchObject({ status: "void", commission: null });
    });

    test("refunds reverse their share, and all of them everything, to the last unit", async () => {
      const of = buy();
      await tell(...it.bought(of, true), ...it.refunded(of, [3_333]));
      // 85.00 less its share of 33.33 in 107.10, rounded up: 26.46 are gone, and 5.85 left of 8.50.
      expect(await orderOf(of)).toMatchObject({
        status: "partly_refunded",
        refundedMinor: 3_333,
        commission: { earnedMinor: 850, reversedMinor: 850 - 585 },
      });
      await tell(...it.refunded(of, [3_333, 7_377]));
      expect(await orderOf(of)).toMatchObject({
        status: "refunded",
        refundedMinor: 10_710,
        commission: { earnedMinor: 850, reversedMinor: 850, state: "reversed" },
      });
    });

    test("told many times, at once and again much later, it is one sale and one refund", async () => {
      const of = buy();
      const all = [...it.bought(of, true), ...it.refunded(of, [5_355])];
      const answers = await Promise.all([...all, ...all, ...all].map((each) => it.send(each)));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      await world.settle();
      world.clock.advance(20_000);
      await tell(...all);
      await world.settle();
      expect(await orderOf(of)).toMatchObject({
        refundedMinor: 5_355,
        commission: { earnedMinor: 850, reversedMinor: 425 },
      });
    });

    test("in whatever order it is told, the end is the same", async () => {
      const wrong: string[] = [];
      const steps = ["bought", "paid", "half back"] as const;
      const orders = [...permutations(steps)];
      const work = async () => {
        for (let order = orders.pop(); order; order = orders.pop()) {
          const of = buy();
          const told = {
            bought: it.bought(of, false),
            paid: it.paid(of),
            "half back": it.refunded(of, [5_355]),
          };
          await tell(...order.flatMap((step) => told[step]));
          const end = await orderOf(of);
          if (end?.status !== "partly_refunded" || end.commission?.reversedMinor !== 425) wrong.push(order.join(", "));
        }
      };
      await Promise.all([work(), work(), work(), work()]);
      expect(wrong).toEqual([]);
    });

    test("a code that is not ours never keeps a click from counting", async () => {
      const { table, newId, runtime, clock } = world;
      const redirect = createRedirect({ table, now: clock.now, newId, log: runtime.log });
      const answer = await redirect.request(`/r/${anna.code}`, {
        headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" },
      });
      const click = new URL(answer.headers.get("location")!).searchParams.get("laurel_click")!;
      const [of, alone] = [buy({ by: "foreign", click }), buy({ by: "foreign" })];
      await tell(...it.bought(of, true), ...it.bought(alone, true));
      await world.settle();
      expect(await orderOf(of)).toMatchObject({ ...whole, attribution: { ambassadorId: anna.id, reason: "click" } });
      expect(await orderOf(alone)).toMatchObject({ status: "paid", attribution: null, commission: null });
    });

    test("a code that is not known is nobody's; once it is known, it is its ambassador's", async () => {
      const { by, learn, sameSale } = it.unknownCode(anna);
      const [before, after] = [buy({ by }), buy({ by })];
      await tell(...it.bought(before, true));
      expect(await orderOf(before)).toMatchObject({ status: "paid", attribution: null, commission: null });
      await learn();
      await world.settle();
      await tell(...it.bought(after, true));
      expect(await orderOf(after)).toMatchObject({ ...whole, attribution: { ambassadorId: anna.id, code: by.code } });
      // Where the checkout names codes by ids of its own, it can be asked whose one is: then that sale is theirs too.
      if (sameSale) expect(await orderOf(before)).toMatchObject(whole);
      else expect(await orderOf(before)).toMatchObject({ attribution: null });
    });

    test("what cannot be understood is kept, answered with 200 and found in the inbox", async () => {
      const [message] = it.bought(buy(), true) as [Message];
      expect((await it.send(message, { body: "{}" })).status).toBe(200);
      expect((await it.send(message, { body: "[1" })).status).toBe(200);
      const { items } = await Events.list(world.ctx(), { status: "unprocessable" });
      expect(items.map(({ connectionId }) => connectionId)).toEqual([it.connectionId, it.connectionId]);
    });

    // The last one: nothing comes after it.
    test("a connection that has ended is answered like one that never was; its orders stay", async () => {
      const [before, after] = [buy(), buy()];
      await tell(...it.bought(before, true));
      await disconnect(world.ctx(world.staff("owner")), it.connectionId);
      await world.settle();
      for (const each of it.bought(after, true)) expect((await it.send(each)).status).toBe(404);
      expect(await orderOf(before)).toMatchObject(whole);
      expect(await orderOf(after)).toBeUndefined();
    });
  });
}

function* permutations<T>(list: readonly T[]): Generator<T[]> {
  if (list.length === 0) yield [];
  for (const [at, first] of list.entries())
    for (const rest of permutations([...list.slice(0, at), ...list.slice(at + 1)])) yield [first, ...rest];
}
