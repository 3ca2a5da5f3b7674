import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { Id } from "@laurel/contract";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createApi } from "../../../../functions/api/app.ts";
import { signedIn } from "../../../../functions/api/testing.ts";
import { createRedirect } from "../../../../functions/redirect.ts";
import {
  type Checkout,
  ambassador as enrolled,
  event,
  openCheckout,
  purchase,
  session,
  type TestAmbassador,
  withCode,
} from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { confirmed, effectsOf, refusalOf, warm } from "../application/testing.ts";
import { findCode, syncCode } from "../code/index.ts";
import { AppError, type Context } from "../kernel/index.ts";
import { list as listOrders } from "../order/index.ts";
import { getItem, keys, transact, write } from "../table/index.ts";
import { AmbassadorEntity } from "./ambassador.entity.ts";
import { ambassadorOf, findAmbassador } from "./ambassador.ops.ts";
import { chooseCode, followOwnCode } from "./own-code.ops.ts";

const phone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1";

let world: World;
let checkout: Checkout;
let made = 0;
let anna: TestAmbassador;

beforeAll(async () => {
  world = await openWorld();
  checkout = openCheckout(world);
  await warm(world.ctx());
});
afterAll(() => world.close());
beforeEach(async () => {
  anna = await enrolled(world, `Annabel ${String.fromCharCode(65 + (made % 26), 97 + Math.floor(made++ / 26))}mar`);
  world.stripe.calls.length = 0;
});

/** The context of an ambassador who is signed in. */
const as = (who: Pick<TestAmbassador, "id">, more?: Parameters<World["ctx"]>[1]): Context =>
  world.ctx(
    {
      kind: "person",
      personId: world.newId("person") as Id<"person">,
      roles: ["ambassador"],
      ambassadorId: who.id,
      network: "192.0.2.1",
    },
    more,
  );

/** A text that nobody has and nobody minds. */
const wish = (): string =>
  `RUNNER${(++made)
    .toString(3)
    .padStart(5, "0")
    .replace(/\d/g, (digit) => "347"[Number(digit)]!)}`;
const stored = async (who: Pick<TestAmbassador, "id">) => (await findAmbassador(world.ctx(), who.id))!;
const codeOf = async (text: string) => (await findCode(world.ctx(), text))!;
const atStripe = (text: string) => [...world.stripe.promotionCodes.values()].filter((each) => each.code === text);

/** A promotion code that the shop made for itself. */
const foreign = (text: string) =>
  world.stripe.promotionCodes.set(`promo_foreign_${text}`, {
    id: `promo_foreign_${text}`,
    code: text,
    active: true,
    couponId: "summer",
    metadata: {},
  });

/** With keys in order: the engine gives them as it likes. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .map(([key, inner]) => [key, sorted(inner)] as const)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : value;

async function everything(): Promise<string[]> {
  const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
  return Items.filter((item) => !String(item.pk).startsWith("LIMIT#"))
    .map((item) => JSON.stringify(sorted(item)))
    .sort();
}

/** Expects that an attempt is refused so, and that nothing was written. */
async function refused(attempt: () => Promise<unknown>, expected: object): Promise<void> {
  const before = await everything();
  expect(await refusalOf(attempt())).toMatchObject(expected);
  const after = await everything();
  expect(after.filter((item) => !before.includes(item))).toEqual([]);
  expect(after.length).toBe(before.length);
}

describe("choosing", () => {
  test("makes the own code primary, and leaves the one before in everything but that", async () => {
    const text = wish();
    const before = await codeOf(anna.code);
    const code = await chooseCode(as(anna), text);
    expect(code).toMatchObject({
      code: text,
      state: "activating",
      primary: true,
      promotionCodeId: null,
      link: `http://localhost:4747/r/${text}`,
      campaignId: before.campaignId,
    });
    expect(await stored(anna)).toMatchObject({
      primaryCode: text,
      ownCode: text,
      ownCodeAt: world.clock.now().toISOString(),
      codeBefore: anna.code,
      version: 2,
    });
    expect(await codeOf(anna.code)).toEqual({ ...before, primary: false, version: before.version + 1 });
    expect(await ambassadorOf(world.ctx(), anna.id)).toMatchObject({ code: text, mayChooseCode: false });

    await world.settle();
    expect(await codeOf(text)).toMatchObject({ state: "active", primary: true, ambassadorId: anna.id });
    expect(await stored(anna)).toMatchObject({ primaryCode: text, ownCode: text });
    expect((await stored(anna)).codeBefore).toBeUndefined();
    expect(atStripe(text)).toMatchObject([{ active: true }]);
    expect(atStripe(anna.code)).toMatchObject([{ id: anna.promotionCodeId, active: true }]);
  });

  test("the checkout is asked before anything is written, and only asked", async () => {
    await chooseCode(as(anna), wish());
    expect(world.stripe.calls.map(({ name }) => name)).toEqual(["findPromotionCode"]);
  });

  test("sales by either promotion code are theirs afterwards, and both links count clicks", async () => {
    const text = wish();
    await chooseCode(as(anna), text);
    await world.settle();
    const at = world.clock.now();
    for (const promotionCode of [anna.promotionCodeId, atStripe(text)[0]!.id]) {
      const paid = event("checkout.session.completed", session(purchase(at), withCode(promotionCode)), at);
      expect((await checkout.tell(paid)).status).toBe(200);
    }
    for (const code of [anna.code, text]) {
      const { items } = await listOrders(world.ctx(), { code });
      expect(items).toMatchObject([{ attribution: { ambassadorId: anna.id, code, reason: "promotion_code" } }]);
    }

    const redirect = createRedirect(world.runtime);
    for (const link of [anna.code, text]) {
      const answer = await redirect.request(`/r/${link}`, { headers: { "user-agent": phone } });
      const to = new URL(answer.headers.get("location")!);
      expect(answer.status).toBe(302);
      expect(to.searchParams.get("laurel_code")).toBe(link);
      const click = await getItem(world.table, keys.click(to.searchParams.get("laurel_click")!));
      expect(click).toMatchObject({ ambassadorId: anna.id, code: link });
    }
  });

  test("is written in the audit log", async () => {
    const text = wish();
    await chooseCode(as(anna), text);
    const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
    expect(Items.filter((item) => item.pk === `AUDIT#${anna.id}`)).toMatchObject([
      {
        action: "ambassador.code_chosen",
        actorKind: "person",
        before: { primaryCode: anna.code },
        after: { primaryCode: text },
      },
    ]);
  });

  test("happens once with one Idempotency-Key, and answers the same", async () => {
    const text = wish();
    const again = () => as(anna, { idempotency: { key: `own ${text}`, bodyHash: "b" } });
    const first = await chooseCode(again(), text);
    expect(await chooseCode(again(), text)).toEqual(first);
    expect((await effectsOf(world.ctx(), text)).length).toBe(1);
    const other = as(anna, { idempotency: { key: `own ${text}`, bodyHash: "c" } });
    await refused(() => chooseCode(other, wish()), { code: "idempotency.other_body" });
  });
});

describe("is refused, and nothing is written", () => {
  test.each([
    ["AB", "3 to 20"],
    ["A".repeat(21), "3 to 20"],
    ["ANNA-15", "3 to 20"],
    ["123456", "at least one letter"],
    ["ADMIN", "shoppers would take for something else"],
    ["NAZI15", "cannot be used in public"],
    ["SH1T15", "cannot be used in public"],
  ])("%s", async (text, reason) => {
    await refused(() => chooseCode(as(anna), text), {
      kind: "invalid",
      errors: [{ field: "code", message: expect.stringContaining(reason) }],
    });
  });

  test("a second choice", async () => {
    const text = wish();
    await chooseCode(as(anna), text);
    await world.settle();
    await refused(() => chooseCode(as(anna), wish()), {
      kind: "conflict",
      code: "code.already_chosen",
      message: `You have chosen your own code already: ${text}. That can be done once.`,
    });
  });

  test("a code that is theirs already, and one of somebody else", async () => {
    await refused(() => chooseCode(as(anna), anna.code), {
      code: "code.yours",
      errors: [{ field: "code", message: "is yours already" }],
    });
    const other = await enrolled(world, "Berenike Other");
    await refused(() => chooseCode(as(anna), other.code), {
      kind: "conflict",
      code: "code.taken",
      errors: [{ field: "code", message: "is taken" }],
    });
  });

  test("a code that the shop made itself, or another program", async () => {
    const text = wish();
    foreign(text);
    const expected = { kind: "conflict", code: "code.taken", message: expect.stringContaining("at the shop") };
    await refused(() => chooseCode(as(anna), text), expected);
    world.stripe.promotionCodes.get(`promo_foreign_${text}`)!.metadata = {
      laurel_code: text,
      laurel_ambassador: world.newId("ambassador"),
    };
    await refused(() => chooseCode(as(anna), text), expected);
    world.stripe.promotionCodes.get(`promo_foreign_${text}`)!.active = false;
    expect(await chooseCode(as(anna), text)).toMatchObject({ code: text });
  });

  test.each([
    ["does not answer", new AppError("unavailable", "stripe.unavailable", "no answer")],
    ["refuses the question", new AppError("rejected", "stripe.rejected", "The API key has expired.")],
  ])("while the checkout %s", async (_, error) => {
    world.stripe.failNext(error);
    await refused(() => chooseCode(as(anna), wish()), {
      kind: "unavailable",
      code: "code.checkout_unavailable",
      message: expect.stringContaining("Nothing was changed; try again"),
      retryAfterMs: 60_000,
    });
    expect(await chooseCode(as(anna), wish())).toMatchObject({ primary: true });
  });

  test("any one of several checkouts is enough", async () => {
    const text = wish();
    foreign(text);
    const ctx = as(anna);
    const { connections, ...rest } = await ctx.program();
    const second = { ...connections[0]!, id: world.newId("connection") };
    const { stripe } = world;
    const asked: string[] = [];
    const other = {
      ...stripe,
      findPromotionCode: async (of: { id: string }, code: string) => {
        asked.push(of.id);
        return of.id === second.id ? stripe.findPromotionCode(of, code) : undefined;
      },
    };
    const two = {
      ...ctx,
      program: async () => ({ ...rest, connections: [...connections, second] }),
      gateways: { ...ctx.gateways, stripe: other },
    };
    await refused(() => chooseCode(two, text), { code: "code.taken" });
    expect(asked).toEqual([connections[0]!.id, second.id]);
  });

  test("before a checkout is connected", async () => {
    const ctx = as(anna);
    const snapshot = await ctx.program();
    const without = { ...ctx, program: async () => ({ ...snapshot, connections: [] }) };
    await refused(() => chooseCode(without, wish()), { code: "code.no_checkout" });
  });

  test.each(["suspended", "banned", "left"] as const)("to somebody who is %s", async (status) => {
    const item = await stored(anna);
    await transact(world.table, [
      write.put("a", AmbassadorEntity.put({ ...item, status }).params({ table: world.table.name })),
    ]);
    await refused(() => chooseCode(as(anna), wish()), { kind: "conflict", code: "ambassador.not_active" });
    expect(world.stripe.calls).toEqual([]);
    expect(await ambassadorOf(world.ctx(), anna.id)).toMatchObject({ mayChooseCode: false });
  });

  test("to staff who are no ambassadors, and to the public", async () => {
    await refused(() => chooseCode(world.ctx(world.staff("owner")), wish()), { kind: "forbidden" });
    await refused(() => chooseCode(world.ctx({ kind: "public", network: "192.0.2.1" }), wish()), {
      kind: "unauthenticated",
    });
  });

  test("after 30 questions within an hour", async () => {
    const text = wish();
    foreign(text);
    for (let time = 0; time < 30; time++)
      expect(await refusalOf(chooseCode(as(anna), text))).toMatchObject({ code: "code.taken" });
    await refused(() => chooseCode(as(anna), text), { kind: "rate_limited" });
    expect(world.stripe.calls).toHaveLength(30);
  });
});

describe("a checkout that refuses after all", () => {
  /** Chosen, and then taken by the shop before the effect ran. */
  async function refusedLater(text = wish()): Promise<string> {
    await chooseCode(as(anna), text);
    foreign(text);
    await world.settle();
    return text;
  }

  test("makes the code before primary again, and they may choose anew", async () => {
    const text = await refusedLater();
    const item = await stored(anna);
    expect(item).toMatchObject({ primaryCode: anna.code });
    expect([item.ownCode, item.ownCodeAt, item.codeBefore]).toEqual([undefined, undefined, undefined]);
    expect(await codeOf(text)).toMatchObject({
      state: "failed",
      primary: false,
      stateReason: expect.stringContaining(text),
    });
    expect(await codeOf(anna.code)).toMatchObject({ primary: true, state: "active" });
    expect(await ambassadorOf(world.ctx(), anna.id)).toMatchObject({ code: anna.code, mayChooseCode: true });
    const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
    expect(
      Items.filter((each) => each.pk === `AUDIT#${anna.id}`)
        .map((each) => each.action)
        .sort(),
    ).toEqual(["ambassador.code_chosen", "ambassador.code_refused"]);

    const next = wish();
    await chooseCode(as(anna), next);
    await world.settle();
    expect(await stored(anna)).toMatchObject({ primaryCode: next, ownCode: next });
    expect(await codeOf(next)).toMatchObject({ state: "active", primary: true });
    expect(await codeOf(anna.code)).toMatchObject({ primary: false, state: "active" });
  });

  test("the same text can be chosen again once the shop has let go of it, by them alone", async () => {
    const text = await refusedLater();
    await refused(() => chooseCode(as(anna), text), { code: "code.taken" });
    world.stripe.promotionCodes.get(`promo_foreign_${text}`)!.active = false;
    const other = await enrolled(world, "Cleo Other");
    await refused(() => chooseCode(as(other), text), { code: "code.taken" });
    expect(await chooseCode(as(anna), text)).toMatchObject({ state: "activating", stateReason: null, primary: true });
    await world.settle();
    expect(await codeOf(text)).toMatchObject({ state: "active", primary: true });
    expect(await stored(anna)).toMatchObject({ primaryCode: text, ownCode: text });
  });

  test("an outage is no refusal: it is tried again", async () => {
    const text = wish();
    await chooseCode(as(anna), text);
    world.stripe.failNext(new AppError("unavailable", "stripe.unavailable", "The checkout does not answer."));
    await world.settle();
    expect(await codeOf(text)).toMatchObject({ state: "activating", primary: true });
    expect(await stored(anna)).toMatchObject({ primaryCode: text, codeBefore: anna.code });
  });

  test("what follows is done once, however often and however many at once, and after a crash before it", async () => {
    const text = wish();
    await chooseCode(as(anna), text);
    foreign(text);
    // The process ends after the checkout's answer was recorded.
    await syncCode(world.ctx(), text);
    expect(await stored(anna)).toMatchObject({ primaryCode: text });
    await Promise.all(Array.from({ length: 5 }, () => followOwnCode(world.ctx(), text)));
    await followOwnCode(world.ctx(), text);
    expect(await stored(anna)).toMatchObject({ primaryCode: anna.code, version: 3 });
  });

  test("a code that has worked stays the primary one, whatever a checkout says later", async () => {
    const text = wish();
    await chooseCode(as(anna), text);
    await world.settle();
    const broken = {
      ...world.stripe,
      getPromotionCode: async () => {
        throw new AppError("rejected", "stripe.rejected", "The API key has expired.");
      },
    };
    const ctx = world.ctx();
    const failing = { ...ctx, gateways: { ...ctx.gateways, stripe: broken } };
    await syncCode(failing, text);
    await followOwnCode(failing, text);
    expect(await codeOf(text)).toMatchObject({ state: "failed", primary: true });
    expect(await stored(anna)).toMatchObject({ primaryCode: text, ownCode: text });
  });

  test("is nobody's to tell but the program's", async () => {
    await expect(followOwnCode(as(anna), wish())).rejects.toThrow("only the program itself");
  });
});

describe("with an approval that is undone", () => {
  const activeAt = (text: string) => atStripe(text).map(({ active }) => active);

  test("both codes stop, and a new approval brings both back as they were", async () => {
    const { approve, undo } = await import("../application/index.ts");
    const manager = world.ctx(world.staff("manager"));
    const application = await confirmed(world, { name: "Undine Undone" });
    const { ambassador, code } = await approve(manager, application.id);
    await world.settle();
    const text = wish();
    await chooseCode(as(ambassador), text);
    await world.settle();
    await undo(manager, application.id);
    await world.settle();
    for (const each of [code.code, text]) {
      expect(await codeOf(each)).toMatchObject({ state: "disabled", ambassadorStatus: "left" });
      expect(activeAt(each)).toEqual([false]);
    }
    await approve(manager, application.id);
    await world.settle();
    for (const each of [code.code, text]) expect(activeAt(each)).toEqual([true]);
    expect(await stored(ambassador)).toMatchObject({ status: "active", primaryCode: text, ownCode: text });
    expect(await codeOf(text)).toMatchObject({ primary: true, state: "active" });
    expect(await codeOf(code.code)).toMatchObject({ primary: false, state: "active" });
    expect(await refusalOf(chooseCode(as(ambassador), wish()))).toMatchObject({ code: "code.already_chosen" });
  });

  test("at the same moment: either there is no own code, or it has stopped as well", async () => {
    const { approve, undo } = await import("../application/index.ts");
    const manager = world.ctx(world.staff("manager"));
    for (let round = 0; round < 5; round++) {
      const application = await confirmed(world, { name: `Ulla ${String.fromCharCode(65 + round)}race` });
      const { ambassador, code } = await approve(manager, application.id);
      const text = wish();
      const [chosen, undone] = await Promise.allSettled([
        chooseCode(as(ambassador), text),
        undo(manager, application.id),
      ]);
      expect(undone.status).toBe("fulfilled");
      await world.settle();
      if (chosen.status === "rejected") {
        expect(chosen.reason).toMatchObject({ code: "ambassador.not_active" });
        expect(await findCode(world.ctx(), text)).toBeUndefined();
      } else expect(await codeOf(text)).toMatchObject({ state: "disabled", ambassadorStatus: "left" });
      expect([...activeAt(text), ...activeAt(code.code)]).not.toContain(true);
    }
  });

  test("a refusal that comes after another code was put first leaves that one there", async () => {
    const text = wish();
    await chooseCode(as(anna), text);
    const item = await stored(anna);
    const next = { ...item, primaryCode: anna.code, version: item.version + 1 };
    await transact(world.table, [write.put("a", AmbassadorEntity.put(next).params({ table: world.table.name }))]);
    foreign(text);
    await world.settle();
    expect(await stored(anna)).toMatchObject({ primaryCode: anna.code, version: item.version + 2 });
    expect(await ambassadorOf(world.ctx(), anna.id)).toMatchObject({ mayChooseCode: true });
  });
});

describe("at once", () => {
  test("of two own codes of one ambassador one wins, and the other is told which", async () => {
    for (let round = 0; round < 10; round++) {
      const who = round === 0 ? anna : await enrolled(world, `Dora ${String.fromCharCode(65 + round)}race`);
      const texts = [wish(), wish()];
      const outcomes = await Promise.allSettled(texts.map((text) => chooseCode(as(who), text)));
      const won = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value.code] : []));
      const lost = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
      expect(won).toHaveLength(1);
      expect(lost).toMatchObject([{ code: "code.already_chosen", message: expect.stringContaining(won[0]!) }]);
      expect(await stored(who)).toMatchObject({ primaryCode: won[0], ownCode: won[0], codeBefore: who.code });
      const loser = texts.find((text) => text !== won[0])!;
      expect(await findCode(world.ctx(), loser)).toBeUndefined();
      expect(await effectsOf(world.ctx(), loser)).toEqual([]);
    }
  });

  test("of ambassadors who want the same text one has it, and the others keep what they had", async () => {
    for (let round = 0; round < 5; round++) {
      const three = await Promise.all(
        ["Elin", "Fadila", "Gesa"].map((name) => enrolled(world, `${name} ${String.fromCharCode(65 + round)}same`)),
      );
      const text = wish();
      const outcomes = await Promise.allSettled(three.map((who) => chooseCode(as(who), text)));
      expect(outcomes.filter((each) => each.status === "fulfilled")).toHaveLength(1);
      for (const [index, each] of outcomes.entries()) {
        const who = three[index]!;
        if (each.status === "fulfilled") expect(await stored(who)).toMatchObject({ primaryCode: text });
        else {
          expect(each.reason).toMatchObject({ code: "code.taken", errors: [{ field: "code", message: "is taken" }] });
          const item = await stored(who);
          expect(item).toMatchObject({ primaryCode: who.code, version: 1 });
          expect(item.ownCodeAt).toBeUndefined();
          expect(await codeOf(who.code)).toMatchObject({ primary: true });
        }
      }
    }
  });

  test("with a change of the ambassador in between it is decided again", async () => {
    const ctx = as(anna);
    const { stripe } = world;
    const slow = {
      ...stripe,
      findPromotionCode: async (of: { id: string }, code: string) => {
        const item = await stored(anna);
        const next = { ...item, status: "suspended" as const, version: item.version + 1 };
        await transact(world.table, [write.put("a", AmbassadorEntity.put(next).params({ table: world.table.name }))]);
        return stripe.findPromotionCode(of, code);
      },
    };
    const text = wish();
    const attempt = chooseCode({ ...ctx, gateways: { ...ctx.gateways, stripe: slow } }, text);
    expect(await refusalOf(attempt)).toMatchObject({ code: "ambassador.not_active" });
    expect(await findCode(world.ctx(), text)).toBeUndefined();
  });

  test("an approval that names the very text takes another one", async () => {
    const text = "ZAZIE15";
    const application = await confirmed(world, { name: "Zazie" });
    await chooseCode(as(anna), text);
    const { approve } = await import("../application/index.ts");
    const { code } = await approve(world.ctx(world.staff("manager")), application.id);
    expect(code.code).not.toBe(text);
  });
});

test("over HTTP: 201 with the code, then 409; the field is named; lower case is welcome", async () => {
  const api = createApi(world.runtime, { networkOf: () => "192.0.2.9" });
  const caller = await signedIn(world, []);
  await transact(world.table, [
    write.update("access", {
      TableName: world.table.name,
      Key: { pk: `PERSON#${caller.personId}`, sk: "ACCESS" },
      UpdateExpression: "SET ambassadorId = :id",
      ExpressionAttributeValues: { ":id": anna.id },
    }),
  ]);
  const choose = (body: unknown, headers = {}) =>
    api.request("/api/me/codes", {
      method: "POST",
      headers: { ...caller.headers, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const text = wish();
  const bad = await choose({ code: "no spaces!" });
  expect(bad.status).toBe(400);
  expect(await bad.json()).toMatchObject({ errors: [{ field: "code" }] });
  const first = await choose({ code: ` ${text.toLowerCase()} ` }, { "idempotency-key": "one" });
  expect(first.status).toBe(201);
  const shown = await first.json();
  expect(shown).toMatchObject({ code: text, primary: true });
  const again = await choose({ code: ` ${text.toLowerCase()} ` }, { "idempotency-key": "one" });
  expect([again.status, await again.json()]).toEqual([201, shown]);
  const late = await choose({ code: wish() });
  expect(late.status).toBe(409);
  expect(await late.json()).toMatchObject({ code: "code.already_chosen" });
  const me = await (await api.request("/api/me", { headers: caller.headers })).json();
  expect(me).toMatchObject({ ambassador: { code: text, mayChooseCode: false } });
  const codes = await (await api.request("/api/me/codes", { headers: caller.headers })).json();
  expect(codes).toMatchObject({
    items: [
      { code: anna.code, primary: false, state: "active" },
      { code: text, primary: true },
    ],
  });
});
