import { DescribeTableCommand } from "@aws-sdk/client-dynamodb";
import { approve, bulk, decline } from "@laurel/core/application";
import { recordClick } from "@laurel/core/click/record.ts";
import { findCode, promotionCodesOf } from "@laurel/core/code";
import type { Context } from "@laurel/core/kernel";
import * as SignIn from "@laurel/core/sign-in";
import { createMinute } from "@laurel/functions/job/minute.ts";
import { createFeedback } from "@laurel/functions/topic/feedback.ts";
import type { SNSEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signedIn } from "../functions/api/testing.ts";
import { confirmed } from "../packages/core/src/application/testing.ts";
import { consumersOf } from "../packages/local/src/stream/consumers.ts";
import { createPoller } from "../packages/local/src/stream/poller.ts";
import { openPositions } from "../packages/local/src/stream/positions.ts";
import { createReader } from "../packages/local/src/stream/reader.ts";
import { event, openCheckout, purchase, refund, session, withCode } from "../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../packages/local/testing/index.ts";
import { runtimeOn, wrapped } from "../packages/local/testing/wrap.ts";
import { permitted } from "./permitted.testing.ts";
import { type Synth, synth } from "./synth.testing.ts";

/** Everything that wakes a function without a request, run under the rights that its role has in the template. */
const watched = ["effects", "rollups", "minute", "feedback"] as const;
type Watched = (typeof watched)[number];

let world: World;
let deployed: Synth;
let judges: Record<Watched, ReturnType<typeof permitted>>;
const denied: string[] = [];

/** The world's runtime, whose every call to the table is judged by a function's role. */
const under = (name: Watched) =>
  runtimeOn(
    world.runtime,
    wrapped(world.table, async (call, send) => {
      denied.push(...judges[name].denied(call).map((what) => `${name} may not ${what}`));
      return send();
    }),
  );

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
  const { Table } = await world.table.client.send(new DescribeTableCommand({ TableName: world.table.name }));
  const reader = createReader(world.runtime.env.DYNAMODB_ENDPOINT!, Table!.LatestStreamArn!);
  const [effects, rollups] = [consumersOf(under("effects"))[0]!, consumersOf(under("rollups"))[1]!];
  const poller = createPoller({
    reader,
    positions: openPositions(undefined, reader.streamArn),
    consumers: [effects, rollups],
    log: world.runtime.log,
  });
  const settle = () => poller.drain();
  const minute = async (later: number) => {
    world.clock.advance(later);
    await createMinute(under("minute"))();
    await settle();
  };
  const day = 86_400_000;
  const manager: Context = world.ctx((await signedIn(world, ["manager"])).actor);

  const anna = await confirmed(world);
  const { ambassador, code } = await approve(manager, anna.id, {});
  await settle();
  await recordClick(world.ctx(), { code: code.code, ambassadorId: ambassador.id });
  const several = await Promise.all([1, 2, 3].map(() => confirmed(world)));
  await bulk(manager, { action: "approve", ids: several.map(({ id }) => id) });
  await settle();
  await decline(manager, (await confirmed(world)).id, { reason: "other", reapply: { policy: "never" } });
  await SignIn.start(world.ctx({ kind: "public", network: "192.0.2.1" }), { email: anna.email });
  await settle();

  const checkout = openCheckout(world);
  const promotion = promotionCodesOf((await findCode(world.ctx(), code.code))!)[world.program.connectionId]!;
  const of = purchase(world.clock.now());
  await checkout.tell(event("checkout.session.completed", session(of, withCode(promotion)), of.at));
  await settle();
  await minute(60_000);
  await checkout.tell(event("refund.created", refund(of, 2_000), world.clock.now()));
  await checkout.tell(event("checkout.session.completed", session(purchase(of.at), withCode("promo_unknown")), of.at));
  await settle();
  await minute(11 * 60_000);
  await minute(40 * day);

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

test.each([
  ["rollups", 3],
  ["feedback", 2],
] as const)("%s may do nothing to the table that it does not do", (name, kinds) => {
  expect(judges[name].granted()).toEqual(judges[name].used());
  expect(judges[name].used()).toHaveLength(kinds);
});

test.each(["effects", "minute"] as const)(
  "%s, which does whatever others intended, uses most of what it may",
  (name) => {
    const unused = judges[name].granted().filter((grant) => !judges[name].used().includes(grant));
    expect(unused).toEqual([]);
  },
);

test("a role that lacks something is found out", () => {
  const poor = permitted([{ Effect: "Allow", Action: "dynamodb:GetItem", Resource: "Table0AArn" }]);
  expect(poor.denied({ name: "Get", input: { Key: { pk: "A", sk: "A" } } })).toEqual([]);
  expect(poor.denied({ name: "TransactWrite", input: { TransactItems: [{ Put: { Item: { pk: "A" } } }] } })).toEqual([
    "dynamodb:PutItem table A",
  ]);
});
