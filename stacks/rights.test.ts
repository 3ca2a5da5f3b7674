import { approve, bulk, decline } from "@laurel/core/application";
import { recordClick } from "@laurel/core/click/record.ts";
import { findCode, promotionCodesOf } from "@laurel/core/code";
import { undo } from "@laurel/core/job-runner";
import { cachedProgram } from "@laurel/core/program";
import * as SignIn from "@laurel/core/sign-in";
import { get as getSimulation, start as startSimulation } from "@laurel/core/simulation";
import type { DynamoDBRecord, SNSEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signedIn } from "../functions/api/testing.ts";
import { createDay } from "../functions/job/day.ts";
import { createMinute } from "../functions/job/minute.ts";
import type { Runtime } from "../functions/runtime.ts";
import { createFeedback } from "../functions/topic/feedback.ts";
import { confirmed } from "../packages/core/src/application/testing.ts";
import { consumersOf } from "../packages/local/src/stream/consumers.ts";
import { createPoller } from "../packages/local/src/stream/poller.ts";
import { openPositions } from "../packages/local/src/stream/positions.ts";
import {
  event,
  openCheckout,
  purchase,
  refund,
  session,
  withCode,
  withEmail,
} from "../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../packages/local/testing/index.ts";
import { streamOf } from "../packages/local/testing/stream.ts";
import { refused, runtimeOn, wrapped } from "../packages/local/testing/wrap.ts";
import { permitted } from "./permitted.testing.ts";
import { type Synth, synth } from "./synth.testing.ts";

/** Webhooks and everything that wakes a function without a request, under the rights that its role has in the template. */
const watched = ["webhook", "effects", "rollups", "minute", "day", "feedback"] as const;
type Watched = (typeof watched)[number];

let world: World;
let deployed: Synth;
let judges: Record<Watched, ReturnType<typeof permitted>>;
const denied: string[] = [];

/** While it is on, no order can be written: events wait for their next try. */
let ordersFail = false;

/** The world's runtime with a memory of its own, whose every call to the table is judged by a function's role. */
function under(name: Watched): Runtime {
  const table = wrapped(world.table, async (call, send) => {
    denied.push(...judges[name].denied(call).map((what) => `${name} may not ${what}`));
    if (ordersFail && call.name === "TransactWrite" && JSON.stringify(call.input).includes('"ORDER#')) throw refused();
    return send();
  });
  const program = cachedProgram(table);
  const runtime = runtimeOn(world.runtime, table);
  return { ...runtime, context: (...given) => ({ ...runtime.context(...given), program: program.get }) };
}

beforeAll(async () => {
  deployed = await synth();
  const statementsOf = (name: Watched) => deployed.functions.find((each) => each.name === name)!.statements;
  judges = Object.fromEntries(watched.map((name) => [name, permitted(statementsOf(name))])) as typeof judges;
  world = await openWorld();
  await live();
}, 60_000);
afterAll(async () => {
  await world.close();
  deployed.dispose();
});

/** From application to commission and back, with all that happens beside it. */
async function live(): Promise<void> {
  const reader = await streamOf(world);
  const [effects, rollups] = [consumersOf(under("effects"))[0]!, consumersOf(under("rollups"))[1]!];
  const woken: DynamoDBRecord[] = [];
  const remembering: typeof effects = {
    ...effects,
    handle: (told) => {
      woken.push(...told.Records);
      return effects.handle(told);
    },
  };
  const poller = createPoller({
    reader,
    positions: openPositions(undefined, reader.streamArn),
    consumers: [remembering, rollups],
    log: world.runtime.log,
  });
  const settle = () => poller.drain();
  const minute = async (laterMs = 0) => {
    world.clock.advance(laterMs);
    await createMinute(under("minute"))();
  };
  const day = () => createDay(under("day"))();
  const manager = world.ctx((await signedIn(world, ["manager"])).actor);
  const waiting = async (count: number) =>
    (await Promise.all(Array.from({ length: count }, () => confirmed(world)))).map(({ id }) => id);

  const anna = await confirmed(world);
  const { ambassador, code } = await approve(manager, anna.id, {});
  await settle();
  await recordClick(world.ctx(), { code: code.code, ambassadorId: ambassador.id });
  await decline(manager, (await confirmed(world)).id, { reason: "other", reapply: { policy: "never" } });
  await SignIn.start(world.ctx({ kind: "public", network: "192.0.2.1" }), { email: anna.email });
  // Long work and its undo, begun by the stream and by the minute.
  for (const goOn of [settle, minute]) {
    const { job } = await bulk(manager, { action: "approve", ids: await waiting(3) });
    await goOn();
    await settle();
    await undo(manager, job.id);
    await goOn();
    await settle();
  }

  const promotion = promotionCodesOf((await findCode(world.ctx(), code.code))!)[world.program.connectionId]!;
  const sold = async (with_ = promotion, email = "buyer@example.com") => {
    const of = purchase(world.clock.now());
    await openCheckout(world, under("webhook")).tell(
      event("checkout.session.completed", session(of, { ...withCode(with_), ...withEmail(email) }), of.at),
    );
    await settle();
    return of;
  };
  const of = await sold();
  await sold("promo_unknown");
  // Flagged, and at the end of this life expired.
  await sold(promotion, anna.email.replace("@", "+shop@"));
  await minute(60_000);
  // What never came is found by the day's work, which the stream and the minute go on with; and the second time is none.
  for (const goOn of [settle, minute]) {
    const lost = purchase(world.clock.now());
    world.stripe.events.unshift(event("checkout.session.completed", session(lost, withCode(promotion)), lost.at));
    await minute(86_400_000);
    await day();
    await day();
    await goOn();
    await settle();
  }
  await openCheckout(world).tell(event("refund.created", refund(of, 2_000), world.clock.now()));
  await settle();
  // Rules that are tried on all of that, by the stream and by the minute.
  for (const goOn of [settle, minute]) {
    const { job } = await startSimulation(world.ctx(), { days: 30, rules: { precedence: ["click"] } });
    await goOn();
    expect((await getSimulation(world.ctx(), job.id)).result?.orders.lost).toBeGreaterThan(0);
    await settle();
  }
  // Events that wait for their next try: one is decided by the minute, one because the stream tells of it again.
  ordersFail = true;
  await sold();
  await sold();
  ordersFail = false;
  await effects.handle({ Records: woken.slice(-1) });
  await minute(11 * 60_000);
  await settle();
  await minute(40 * 86_400_000);
  await settle();

  const bounce = {
    eventType: "Bounce",
    mail: { messageId: "m1", timestamp: world.clock.now().toISOString() },
    bounce: {
      bounceType: "Permanent",
      bounceSubType: "General",
      feedbackId: "f1",
      timestamp: world.clock.now().toISOString(),
      bouncedRecipients: [{ emailAddress: anna.email, action: "failed", status: "5.1.1" }],
    },
  };
  const Records = [{ Sns: { Message: JSON.stringify(bounce) } }];
  await createFeedback(under("feedback"))({ Records } as SNSEvent);
  await poller.stop();
}

test("no function asks for what its role does not give", () => {
  expect([...new Set(denied)]).toEqual([]);
});

// Who gives a function something new to do adds it to the life above: here it shows whether its role lets it.
test.each([
  ["day", 3],
  ["effects", 8],
  ["feedback", 2],
  ["minute", 9],
  ["rollups", 3],
] as const)("%s may do nothing to the table that it does not do", (name, kinds) => {
  expect(judges[name].granted()).toEqual(judges[name].used());
  expect(judges[name].used()).toHaveLength(kinds);
});

test("a role that lacks something is found out", () => {
  const poor = permitted([{ Effect: "Allow", Action: "dynamodb:GetItem", Resource: "Table0AArn" }]);
  expect(poor.denied({ name: "Get", input: { Key: { pk: "A", sk: "A" } } })).toEqual([]);
  expect(poor.denied({ name: "TransactWrite", input: { TransactItems: [{ Put: { Item: { pk: "A" } } }] } })).toEqual([
    "dynamodb:PutItem table A",
  ]);
});
