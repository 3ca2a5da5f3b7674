import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ambassador } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { refusalOf } from "../application/testing.ts";
import { list as listAudit } from "../audit/index.ts";
import { findCode, promotionCodesOf } from "../code/index.ts";
import * as Effects from "../effect/index.ts";
import { sweepEffects } from "../effect-runner/index.ts";
import { sweepJobs } from "../job-runner/index.ts";
import { AppError, type Context } from "../kernel/index.ts";
import { createStaff } from "../person/index.ts";
import { noteSeen, SightingEntity, sightingKey } from "../sighting/index.ts";
import { getItem } from "../table/index.ts";
import { ConnectionClaimEntity, claimKey } from "./claim.entity.ts";
import { ConnectionEntity, connectionKey } from "./connection.entity.ts";
import { changeKey, connect, disconnect, get, list, putCodesAgain, renewWebhook } from "./index.ts";

let world: World;
let owner: Context;
beforeEach(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  const personId = await createStaff(world.ctx(), { email: "o@example.com", name: "Olga Owner", roles: ["owner"] });
  owner = world.ctx({ ...world.staff("owner"), personId });
});
afterEach(() => world.close());

const stripe = (apiKey: string, more: object = {}) => ({ provider: "stripe" as const, apiKey, ...more });
const secretsOf = (id: string) => world.ctx().gateways.secrets.latestOfConnection(id);
const webhooksOf = (account: string) => [...world.stripe.webhooks.values()].filter((each) => each.account === account);
/** What the minute's sweep does; what is to wait is waited for. */
async function later(ms: number) {
  world.clock.advance(ms);
  await sweepEffects(world.ctx());
}
/** Connected to its end. */
async function connected(apiKey = "rk_test_shop1") {
  const { id } = await connect(owner, stripe(apiKey));
  await world.settle();
  return get(owner, id);
}

test("hand-written keys are the entities'", () => {
  const at = { table: "t" };
  expect(ConnectionEntity.get({ id: "con_1" }).params(at).Key).toEqual(connectionKey("con_1"));
  expect(ConnectionClaimEntity.get({ namespace: "acct_1_test" }).params(at).Key).toEqual(claimKey("acct_1_test"));
  expect(SightingEntity.get({ connectionId: "con_1" }).params(at).Key).toEqual(sightingKey("con_1"));
});

describe("connecting", () => {
  test("a key becomes a connection with its webhook, and nobody sees the key again", async () => {
    const begun = await connect(owner, stripe("rk_live_shop1", { name: "Main shop" }));
    expect(begun).toMatchObject({
      provider: "stripe",
      name: "Main shop",
      livemode: true,
      accountId: "acct_shop1",
      state: "connecting",
      problem: null,
      keyEnds: "hop1",
      connectedAt: null,
    });
    await world.settle();
    const shown = await get(owner, begun.id);
    expect(shown).toMatchObject({ state: "active", problem: null, webhook: { renewing: false, outdated: false } });
    const [webhook, ...others] = webhooksOf("shop1");
    expect(others).toEqual([]);
    expect(webhook).toMatchObject({ connectionId: begun.id, url: shown.webhookUrl, livemode: true });
    expect(await secretsOf(begun.id)).toEqual({ apiKey: "rk_live_shop1", webhookSecrets: [webhook!.secret] });

    const stored = await getItem(world.table, connectionKey(begun.id));
    expect(stored).toMatchObject({ namespace: "acct_shop1_live", version: expect.any(Number) });
    const audit = await listAudit(owner, { subject: begun.id });
    expect(audit.items.map(({ action, actor }) => `${action} by ${actor.kind}`).sort()).toEqual([
      "connection.begun by person",
      "connection.connected by system",
    ]);
    for (const told of [begun, shown, stored, audit, await list(owner), world.logs])
      expect(JSON.stringify(told)).not.toMatch(/rk_live|whsec/);
  });

  test("without a name it has the account's", async () => {
    expect(await connect(owner, stripe("sk_test_shop1"))).toMatchObject({ name: "Shop shop1", livemode: false });
  });

  test("asked again with the same Idempotency-Key, it is one connection; the same account at once too", async () => {
    const again = { idempotency: { key: "k1", bodyHash: "b" } };
    const actor = world.staff("owner");
    const once = () => connect(world.ctx(actor, again), stripe("rk_test_shop1"));
    const first = await once();
    expect((await once()).id).toBe(first.id);
    const at = await Promise.allSettled(Array.from({ length: 5 }, () => connect(owner, stripe("rk_test_shop2"))));
    const ids = at.flatMap((each) => (each.status === "fulfilled" ? [each.value.id] : []));
    expect(new Set(ids).size).toBe(1);
    for (const each of at)
      if (each.status === "rejected") expect(each.reason).toMatchObject({ code: "connection.busy" });
    await world.settle();
    expect(webhooksOf("shop2")).toHaveLength(1);
    expect((await list(owner)).items.filter(({ accountId }) => accountId === "acct_shop2")).toHaveLength(1);
  });

  test("an account that is connected is not connected twice; its other mode is another connection", async () => {
    const { id, name } = await connected("rk_test_shop1");
    expect(await refusalOf(connect(owner, stripe("sk_test_shop1")))).toMatchObject({
      kind: "conflict",
      code: "connection.exists",
      message: expect.stringContaining(name),
    });
    expect((await connected("rk_live_shop1")).id).not.toBe(id);
  });

  test("a key that the provider does not accept leaves nothing behind", async () => {
    const before = (await list(owner)).items;
    expect(await refusalOf(connect(owner, stripe("sk_test_wrongkey")))).toMatchObject({ kind: "rejected" });
    expect((await list(owner)).items).toEqual(before);
  });

  test("a key that hides its account needs the account's id", async () => {
    expect(await refusalOf(connect(owner, stripe("rk_test_hidden1")))).toMatchObject({ code: "stripe.account_hidden" });
    expect(await connect(owner, stripe("rk_test_hidden1", { accountId: "acct_1ABCDEFGH" }))).toMatchObject({
      accountId: "acct_1ABCDEFGH",
    });
  });

  test("a definite no to the webhook is shown, and another key takes its place", async () => {
    const { id } = await connect(owner, stripe("rk_test_shop1"));
    expect(await refusalOf(connect(owner, stripe("sk_test_shop1")))).toMatchObject({ code: "connection.busy" });
    world.stripe.failNext(new AppError("rejected", "stripe.rejected", "It lacks webhook write."));
    await world.settle();
    expect(await get(owner, id)).toMatchObject({ state: "connecting", problem: "It lacks webhook write." });
    expect((await connect(owner, stripe("sk_test_shop1"))).id).toBe(id);
    await world.settle();
    expect(await get(owner, id)).toMatchObject({ state: "active", problem: null });
    expect(await secretsOf(id)).toMatchObject({ apiKey: "sk_test_shop1" });
  });

  test("what passes is tried again by itself, and what a lost answer has left is deleted first", async () => {
    const { id } = await connect(owner, stripe("rk_test_shop1"));
    // The list, and then the making, of which the answer is lost.
    const { withKey } = world.stripe;
    let lose = true;
    world.stripe.withKey = (apiKey) => {
      const setup = withKey(apiKey);
      return {
        ...setup,
        createWebhook: async (input) => {
          const made = await setup.createWebhook(input);
          if (!lose) return made;
          lose = false;
          throw new AppError("unavailable", "stripe.unreachable", "Stripe cannot be reached.");
        },
      };
    };
    await world.settle();
    expect(webhooksOf("shop1")).toHaveLength(1);
    expect(await get(owner, id)).toMatchObject({
      state: "connecting",
      problem: "Stripe cannot be reached. It is tried again by itself.",
    });
    await later(10_000);
    const [webhook, ...others] = webhooksOf("shop1");
    expect(others).toEqual([]);
    expect(await get(owner, id)).toMatchObject({ state: "active", problem: null });
    expect(await secretsOf(id)).toMatchObject({ webhookSecrets: [webhook!.secret] });
  });

  test("one that was cut short says so, and is finished by entering the key again", async () => {
    const broken = {
      ...owner.gateways.secrets,
      putConnection: async () => {
        throw new AppError("unavailable", "secrets.unavailable", "Not now.");
      },
    };
    const cut = { ...owner, gateways: { ...owner.gateways, secrets: broken } };
    expect(await refusalOf(connect(cut, stripe("rk_test_shop1")))).toMatchObject({ kind: "unavailable" });
    const [found] = (await list(owner)).items.filter(({ state }) => state === "connecting");
    expect(found).toMatchObject({ problem: null });
    world.clock.advance(61_000);
    expect((await get(owner, found!.id)).problem).toContain("cut short");
    expect((await connected("rk_test_shop1")).id).toBe(found!.id);
  });
});

describe("codes at a new checkout", () => {
  const codesAt = async (code: string, id: string) => promotionCodesOf((await findCode(world.ctx(), code))!)[id];
  const minute = async () => {
    world.clock.advance(60_000);
    await sweepJobs(world.ctx());
    return get(owner, (await list(owner)).items.find(({ accountId }) => accountId === "acct_shop1")!.id);
  };

  test("are put there once every process knows of it, those of every active ambassador", async () => {
    const codes: string[] = [];
    for (let n = 0; n < 10; n++) codes.push((await ambassador(world, `Person ${"ABCDEFGHIJ"[n]}`)).code);
    const { id } = await connected();
    expect((await get(owner, id)).codes).toMatchObject({ state: "waiting", done: 0 });
    for (const code of codes) expect(await codesAt(code, id)).toBeUndefined();
    // The stand-in of tests has one account: what was made for the first connection is found by the second.
    expect((await minute()).codes).toEqual({ state: "done", done: 10, error: null });
    for (const code of codes) expect(await codesAt(code, id)).toMatch(/^promo_/);
  });

  test("wait for a checkout that does not answer, and can be asked for again", async () => {
    const { code } = await ambassador(world, "Ada Again");
    const { id } = await connected();
    world.stripe.failNext(new AppError("unavailable", "stripe.unreachable", "Stripe cannot be reached."));
    expect((await minute()).codes).toMatchObject({ state: "waiting", error: "Stripe cannot be reached." });
    expect(await refusalOf(putCodesAgain(owner, id))).toMatchObject({ code: "connection.codes_running" });
    expect((await minute()).codes).toMatchObject({ state: "done", done: 1 });
    expect(await codesAt(code, id)).toBeDefined();
    await putCodesAgain(owner, id);
    expect((await minute()).codes).toMatchObject({ state: "done", done: 1 });
  });
});

describe("changing", () => {
  test("another key of the same account takes the place of the first", async () => {
    const { id } = await connected("rk_test_shop1");
    const { webhookSecrets } = (await secretsOf(id))!;
    expect(await changeKey(owner, id, { apiKey: "sk_test_shop1" })).toMatchObject({ state: "active", keyEnds: "hop1" });
    expect(await secretsOf(id)).toEqual({ apiKey: "sk_test_shop1", webhookSecrets });
    for (const apiKey of ["sk_test_shop2", "sk_live_shop1"])
      expect(await refusalOf(changeKey(owner, id, { apiKey }))).toMatchObject({ code: "connection.other_account" });
    expect(await secretsOf(id)).toMatchObject({ apiKey: "sk_test_shop1" });
    const { items } = await listAudit(owner, { subject: id });
    expect(items.map(({ action }) => action)).toContain("connection.key_changed");
    expect(JSON.stringify(items)).not.toContain("sk_test");
  });

  test("a renewed webhook has a new secret, and the former holds for a day", async () => {
    const { id } = await connected();
    const before = (await secretsOf(id))!.webhookSecrets[0]!;
    expect(await renewWebhook(owner, id)).toMatchObject({ state: "active", webhook: { renewing: true } });
    expect(await refusalOf(renewWebhook(owner, id))).toMatchObject({ code: "connection.busy" });
    await world.settle();
    const [webhook, ...others] = webhooksOf("shop1");
    expect(others).toEqual([]);
    expect((await secretsOf(id))!.webhookSecrets).toEqual([webhook!.secret, before]);
    expect(webhook!.secret).not.toBe(before);
    const { webhook: told } = await get(owner, id);
    expect(told).toMatchObject({ renewing: false, formerSecretUntil: "2026-06-16T10:00:00.000Z" });

    await later(23 * 3_600_000);
    expect((await secretsOf(id))!.webhookSecrets).toHaveLength(2);
    await later(2 * 3_600_000);
    expect((await secretsOf(id))!.webhookSecrets).toEqual([webhook!.secret]);
    expect((await get(owner, id)).webhook.formerSecretUntil).toBeNull();
  });

  test("two changes at once: one waits for the other, and neither undoes it", async () => {
    const { id } = await connected();
    await renewWebhook(owner, id);
    const [change] = await Promise.all([
      changeKey(owner, id, { apiKey: "sk_test_shop1" }).catch((error) => error),
      world.settle(),
    ]);
    await later(10_000);
    // Where the renewal had to wait, the former webhook is only now being deleted.
    await world.settle();
    const { apiKey, webhookSecrets } = (await secretsOf(id))!;
    expect(apiKey).toBe(change instanceof AppError ? "rk_test_shop1" : "sk_test_shop1");
    expect(webhookSecrets[0]).toBe(webhooksOf("shop1")[0]!.secret);
  });

  test("a webhook that was made for other kinds of events is called outdated", async () => {
    const { id } = await connected();
    const stored = ConnectionEntity.parse({ Item: (await getItem(world.table, connectionKey(id)))! }).data!;
    const older = ConnectionEntity.put({ ...stored, webhookMark: "older" }).params({ table: world.table.name });
    const { PutCommand } = await import("@aws-sdk/lib-dynamodb");
    await world.table.client.send(new PutCommand(older as never));
    expect((await get(owner, id)).webhook.outdated).toBe(true);
    await renewWebhook(owner, id);
    await world.settle();
    expect((await get(owner, id)).webhook.outdated).toBe(false);
  });
});

describe("disconnecting", () => {
  test("deletes the webhook there and the secrets here, and keeps what was", async () => {
    const { id } = await connected();
    expect(await disconnect(owner, id)).toMatchObject({ state: "disconnected", keyEnds: null });
    await world.settle();
    expect(webhooksOf("shop1")).toEqual([]);
    expect(world.ctx().gateways.secrets).toMatchObject({
      kept: expect.not.objectContaining({ [id]: expect.anything() }),
    });
    expect((await list(owner)).items.at(-1)).toMatchObject({ id, state: "disconnected", name: "Shop shop1" });
    expect(await refusalOf(disconnect(owner, id))).toMatchObject({ code: "connection.disconnected" });
    for (const change of [() => renewWebhook(owner, id), () => changeKey(owner, id, { apiKey: "sk_test_shop1" })])
      expect(await refusalOf(change())).toMatchObject({ code: "connection.not_active" });
  });

  test("no code is put there any more", async () => {
    const { id } = await connected();
    await disconnect(owner, id);
    const { code } = await ambassador(world, "Late Comer");
    expect(promotionCodesOf((await findCode(world.ctx(), code))!)[id]).toBeUndefined();
  });

  test("a provider that says no keeps no secret alive, and what is left to do is told", async () => {
    const { id } = await connected();
    await disconnect(owner, id);
    world.stripe.failNext(new AppError("rejected", "stripe.rejected", "Stripe does not accept the API key."));
    await world.settle();
    const { kept } = world.ctx().gateways.secrets as unknown as { kept: Map<string, unknown> };
    expect(kept.has(id)).toBe(false);
    const { items } = await Effects.list(owner, { state: "dead" });
    expect(items[0]).toMatchObject({
      kind: "connection.close",
      lastError: expect.stringMatching(/could not be deleted: .* Delete it there by hand\.$/),
    });
  });

  test("the same account comes back as the connection that it was", async () => {
    const { id } = await connected();
    await disconnect(owner, id);
    await world.settle();
    expect(await connected()).toMatchObject({ id, state: "active", disconnectedAt: null });
    expect(webhooksOf("shop1")).toHaveLength(1);
  });

  test("connected again before it was closed, it stays", async () => {
    const { id } = await connected();
    await disconnect(owner, id);
    await connect(owner, stripe("rk_test_shop1"));
    await world.settle();
    expect(await get(owner, id)).toMatchObject({ state: "active" });
    expect(webhooksOf("shop1")).toHaveLength(1);
    expect(await secretsOf(id)).toMatchObject({ webhookSecrets: [webhooksOf("shop1")[0]!.secret] });
  });

  test("one that was never finished is removed", async () => {
    const { id } = await connect(owner, stripe("rk_test_shop1"));
    await disconnect(owner, id);
    await world.settle();
    expect((await list(owner)).items.map((each) => each.id)).not.toContain(id);
    expect(webhooksOf("shop1")).toEqual([]);
  });
});

test("who may not change connections does not; an unknown one is not there", async () => {
  for (const role of ["manager", "finance", "viewer"] as const) {
    const ctx = world.ctx(world.staff(role));
    expect(await refusalOf(connect(ctx, stripe("rk_test_shop1")))).toMatchObject({ code: "auth.forbidden" });
    expect(await refusalOf(disconnect(ctx, world.program.connectionId))).toMatchObject({ code: "auth.forbidden" });
  }
  const id = world.newId("connection");
  for (const attempt of [get, disconnect, renewWebhook, putCodesAgain])
    expect(await refusalOf(attempt(owner, id))).toMatchObject({ code: "not_found" });
});

test("when something last came is noted once a minute, and never goes back", async () => {
  const { connectionId } = world.program;
  const at = (seconds: number) => new Date(world.clock.now().getTime() + seconds * 1000).toISOString();
  // Another context of the same process is the same process.
  await noteSeen(world.ctx(), connectionId, "lastEventAt", at(60));
  await noteSeen(world.ctx(), connectionId, "lastEventAt", at(119));
  await noteSeen(world.ctx(), connectionId, "lastBadSignatureAt", at(180));
  expect(await get(owner, connectionId)).toMatchObject({ lastEventAt: at(60), lastBadSignatureAt: at(180) });
  await noteSeen(world.ctx(), connectionId, "lastEventAt", at(120));
  const elsewhere = { ...world.ctx(), table: { ...world.table } };
  await noteSeen(elsewhere, connectionId, "lastEventAt", at(0));
  expect(await get(owner, connectionId)).toMatchObject({ lastEventAt: at(120) });
});
