import { randomBytes } from "node:crypto";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { ClickEntity } from "@laurel/core/click";
import { list as listEffects } from "@laurel/core/effect";
import { IncomingEntity } from "@laurel/core/event";
import { getItem } from "@laurel/core/table";
import {
  ambassador,
  type Checkout,
  event,
  openCheckout,
  purchase,
  session,
  withCode,
} from "@laurel/local/testing/checkout.ts";
import { openWorld, type World } from "@laurel/local/testing/index.ts";
import { refused, runtimeOn, wrapped } from "@laurel/local/testing/wrap.ts";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { createEffects } from "../../../../functions/stream/effects.ts";
import { createRollups } from "../../../../functions/stream/rollups.ts";
import { deadLetterNames, deadLetterQueueName } from "../../../../stacks/dead-letters.ts";
import { type FakeAws, openFakeAws } from "../../testing/aws.ts";
import { ended } from "../../testing/io.ts";
import { type FakeLambda, fakeLambda } from "../../testing/lambda.ts";
import { type FakeQueues, fakeQueues } from "../../testing/sqs.ts";
import { queueNameOf, queues, redrive } from "./redrive.ts";

let world: World;
let sqs: FakeQueues;
let lambda: FakeLambda;
let aws: FakeAws;
let invoked: { name: string; payload: { Records?: { dynamodb: unknown }[] } }[];
beforeEach(async () => {
  world = await openWorld({ now: new Date() });
  sqs = fakeQueues(deadLetterNames.map((name) => `prod-laurel-${name}-dead`));
  const env = { TABLE_NAME: world.table.name };
  lambda = fakeLambda(
    Object.fromEntries(["rollups", "effects", "minute", "feedback"].map((n) => [`prod-laurel-${n}`, env])),
  );
  invoked = [];
  lambda.onInvoke(realConsumers);
  aws = await openFakeAws([sqs.service, lambda.service]);
  process.env.AWS_ENDPOINT_URL_DYNAMODB = inject("dynamodbEndpoint");
});
afterEach(async () => {
  await aws.close();
  await world.close();
});

/** The very functions that are deployed, on the world's table. */
async function realConsumers(name: string, payload: never): Promise<unknown> {
  invoked.push({ name, payload });
  if (name.endsWith("-rollups")) return createRollups(world.runtime)(payload);
  if (name.endsWith("-effects")) return createEffects(world.runtime)(payload);
  return null;
}

const run = (argv: string) => ended(redrive, `--stage prod --region eu-central-1 ${argv}`);
const left = (name: string) => sqs.queues.get(`prod-laurel-${name}-dead`)!;

/** What Lambda leaves of a part of the stream that it gave up. */
const pointer = (from: Date, to: Date, batchSize = 1) => ({
  requestContext: {
    requestId: "0",
    functionArn: "arn:aws:lambda:eu-central-1:111122223333:function:prod-laurel-rollups",
    condition: "RetryAttemptsExhausted",
    approximateInvokeCount: 9,
  },
  responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
  version: "1.0",
  timestamp: to.toISOString(),
  DDBStreamBatchInfo: {
    shardId: "shardId-00000001",
    startSequenceNumber: "800000000003126276362",
    endSequenceNumber: "800000000003126276999",
    approximateArrivalOfFirstRecord: from.toISOString(),
    approximateArrivalOfLastRecord: to.toISOString(),
    batchSize,
    streamArn: "arn:aws:dynamodb:eu-central-1:111122223333:table/prod-laurel-table/stream/2026-01-01T00:00:00.000",
  },
});

async function sell(checkout: Checkout, promotionCode: string): Promise<void> {
  const of = purchase(world.clock.now());
  const told = await checkout.tell(event("checkout.session.completed", session(of, withCode(promotionCode)), of.at));
  expect(told.status).toBe(200);
}
const salesOf = async (ambassadorId: string) =>
  (
    await getItem(world.table, {
      pk: `ROLL#${ambassadorId}`,
      sk: `${world.clock.now().toISOString().slice(0, 10)}#EUR`,
    })
  )?.sales ?? 0;

test("facts that were given up are found by their time and counted once, however often it is run", async () => {
  world.clock.set(`${new Date().toISOString().slice(0, 10)}T10:00:00.000Z`);
  const anna = await ambassador(world, "Anna Muster");
  const checkout = openCheckout(world);
  const started = world.clock.now();
  for (let n = 0; n < 5; n++) await sell(checkout, anna.promotionCodeId);
  const during = world.clock.now();
  world.clock.advance(30 * 60_000);
  await sell(checkout, anna.promotionCodeId);

  sqs.put("prod-laurel-rollups-dead", pointer(started, during, 5));
  const look = await run("--queue rollups");
  expect(look.code, look.text).toBe(0);
  expect(look.text).toContain("prod-laurel-rollups-dead: 1 messages");
  expect(look.text).toMatch(/reads the whole table once: about 0\.0\d GB/);
  expect(look.text).toContain("This was a look");
  expect([invoked.length, left("rollups").length, await salesOf(anna.id)]).toEqual([0, 1, 0]);
  expect(left("rollups")[0]!.hiddenUntil).toBeLessThanOrEqual(Date.now());

  const did = await run("--queue rollups --go");
  expect(did.code, did.text).toBe(0);
  expect(did.text).toContain("5 records in 1 calls; 1 of 1 messages are dealt with.");
  expect([left("rollups").length, await salesOf(anna.id)]).toEqual([0, 5]);

  // Once more, by two parts that overlap and the one that was left out.
  sqs.put("prod-laurel-rollups-dead", pointer(started, world.clock.now()));
  sqs.put("prod-laurel-rollups-dead", pointer(during, world.clock.now()));
  expect((await run("--queue rollups --go")).code).toBe(0);
  expect([left("rollups").length, await salesOf(anna.id)]).toEqual([0, 6]);
  expect((await run("--queue rollups --go")).text).toBe("prod-laurel-rollups-dead: 0 messages");
});

test("an event that was stored and never decided is decided, and its ambassador is thanked", async () => {
  const anna = await ambassador(world, "Anna Muster");
  const dying = wrapped(world.table, async (call, send) => {
    if (call.name === "TransactWrite") throw refused();
    return send();
  });
  const from = world.clock.now();
  await sell(openCheckout(world, runtimeOn(world.runtime, dying)), anna.promotionCodeId);
  const account = () => getItem(world.table, { pk: `AMB#${anna.id}`, sk: "ACC#EUR" });
  expect(await account()).toBeUndefined();

  sqs.put("prod-laurel-effects-dead", pointer(from, from));
  expect((await run("--queue effects --go")).code).toBe(0);
  expect((await account())?.pendingMinor).toBeGreaterThan(0);
  // The entry was made meanwhile; the next look finds it.
  sqs.put("prod-laurel-effects-dead", pointer(from, world.clock.now()));
  const again = await run("--queue effects --go");
  expect(again.code, again.text).toBe(0);
  const { items } = await listEffects(world.ctx(world.staff("manager")), { state: "waiting" });
  expect(items.filter(({ kind }) => kind === "mail.you_earned")).toHaveLength(1);
  expect((await account())?.version).toBe(1);
});

test("what fails again stays, and what a consumer hands back keeps the messages it belongs to", async () => {
  const anna = await ambassador(world, "Anna Muster");
  const checkout = openCheckout(world);
  const first = world.clock.now();
  await sell(checkout, anna.promotionCodeId);
  world.clock.advance(3_600_000);
  const second = world.clock.now();
  await sell(checkout, anna.promotionCodeId);
  sqs.put("prod-laurel-rollups-dead", pointer(first, first));
  sqs.put("prod-laurel-rollups-dead", pointer(second, second));

  lambda.onInvoke(() => {
    throw Object.assign(new Error("secret words"), { name: "TypeError" });
  });
  const failed = await run("--queue rollups --go");
  expect(failed.code).toBe(1);
  expect(failed.text).toContain("prod-laurel-rollups failed: TypeError");
  expect(failed.text).not.toContain("secret words");
  expect(left("rollups")).toHaveLength(2);

  lambda.onInvoke(
    (
      _,
      { Records }: { Records: { dynamodb: { SequenceNumber: string; NewImage: { recordedAt: { S: string } } } }[] },
    ) => ({
      batchItemFailures: Records.filter(({ dynamodb }) => dynamodb.NewImage.recordedAt.S >= second.toISOString()).map(
        ({ dynamodb }) => ({ itemIdentifier: dynamodb.SequenceNumber }),
      ),
    }),
  );
  const partly = await run("--queue rollups --go");
  expect(partly.code).toBe(1);
  expect(partly.text).toContain("handed 1 of 2 records back");
  expect(left("rollups").map(({ body }) => JSON.parse(body).timestamp)).toEqual([second.toISOString()]);
  // What is left is offered again at once.
  lambda.onInvoke(realConsumers);
  expect((await run("--queue rollups --go")).code).toBe(0);
  expect(left("rollups")).toHaveLength(0);
});

test("facts of more than a week ago are not counted again, for their marker may be gone", async () => {
  const day = 86_400_000;
  const put = (daysAgo: number) => {
    // In the forenoon, when it is the same day in the program's time zone.
    const at = new Date(`${new Date(Date.now() - daysAgo * day).toISOString().slice(0, 10)}T09:00:00.000Z`);
    const click = { id: `clk_${daysAgo}`, ambassadorId: "amb_1", code: "ANNA15", at: at.toISOString() };
    return world.table.client
      .send(
        new PutCommand(
          ClickEntity.create({ ...click, expiresAtEpochS: 4_000_000_000 }).params({ table: world.table.name }) as never,
        ),
      )
      .then(() => at);
  };
  const [old, young] = [await put(8), await put(6)];
  sqs.put("prod-laurel-rollups-dead", pointer(old, old));
  sqs.put("prod-laurel-rollups-dead", pointer(young, young));
  const { code, text } = await run("--queue rollups --go");
  expect(code).toBe(1);
  expect(text).toContain("too old to be counted again");
  expect(left("rollups").map(({ body }) => JSON.parse(body).timestamp)).toEqual([old.toISOString()]);
  const clicks = await getItem(world.table, { pk: "ROLL#amb_1", sk: `${young.toISOString().slice(0, 10)}#-` });
  expect(clicks?.clicks).toBe(1);
});

test("a message for which nothing is found is kept", async () => {
  const at = new Date(Date.now() - 3_600_000);
  sqs.put("prod-laurel-effects-dead", pointer(at, at));
  const { code, text } = await run("--queue effects --go");
  expect(code).toBe(1);
  expect(text).toContain("Nothing was found for 1 messages");
  expect(left("effects")).toHaveLength(1);
});

test("large bodies are told in calls that Lambda takes, with their bytes as Lambda tells them", async () => {
  const body = randomBytes(340_000);
  const receivedAt = world.clock.now().toISOString();
  for (let n = 0; n < 20; n++)
    await world.table.client.send(
      new PutCommand(
        IncomingEntity.create({
          connectionId: world.program.connectionId,
          eventId: `evt_${n}`,
          type: "invoice.paid",
          receivedAt,
          hash: "0",
          body,
          expiresAtEpochS: 4_000_000_000,
        }).params({ table: world.table.name }) as never,
      ),
    );
  const images: { body: { B: string } }[] = [];
  lambda.onInvoke((_, { Records }: { Records: { dynamodb: { NewImage: (typeof images)[number] } }[] }) => {
    images.push(...Records.map(({ dynamodb }) => dynamodb.NewImage));
    return { batchItemFailures: [] };
  });
  sqs.put("prod-laurel-effects-dead", pointer(world.clock.now(), world.clock.now()));
  const { code, text } = await run("--queue effects --go");
  expect(code, text).toBe(0);
  const bodies = images.filter((image) => image.body);
  expect(bodies).toHaveLength(20);
  expect(Buffer.from(bodies[0]!.body.B, "base64").equals(body)).toBe(true);
});

test("of scheduled runs the last is made, in whichever form it was left, and all its messages go", async () => {
  const tick = (n: number) => ({ source: "aws.events", "detail-type": "Scheduled Event", id: String(n), detail: {} });
  const arn = "arn:aws:lambda:eu-central-1:111122223333:function:prod-laurel-minute";
  for (let n = 0; n < 24; n++)
    sqs.put("prod-laurel-jobs-dead", {
      version: "1.0",
      requestContext: { functionArn: `${arn}:$LATEST`, condition: "RetriesExhausted", approximateInvokeCount: 3 },
      requestPayload: tick(n),
      responseContext: { statusCode: 200, functionError: "Unhandled" },
      responsePayload: { errorMessage: "no" },
    });
  sqs.put("prod-laurel-jobs-dead", tick(24), {
    TARGET_ARN: arn,
    ERROR_CODE: "THROTTLING",
    RULE_ARN: "arn:aws:events:…",
  });
  expect((await run("--queue jobs")).text).toContain("prod-laurel-minute: 25 calls, of which one is made");
  expect(invoked).toEqual([]);
  const { code, text } = await run("--queue jobs --go");
  expect(code, text).toBe(0);
  expect(invoked).toEqual([{ name: "prod-laurel-minute", payload: tick(24) }]);
  expect(left("jobs")).toHaveLength(0);
});

test("each bounce is recorded, in whichever form it was left, and no address is printed", async () => {
  const address = "somebody@example.com";
  const notification = {
    Type: "Notification",
    MessageId: "1",
    Message: JSON.stringify({ address }),
    Timestamp: "2026-11-01T00:00:00Z",
  };
  const byLambda = { Records: [{ EventSource: "aws:sns", Sns: { Message: address } }] };
  sqs.put("prod-laurel-feedback-dead", {
    requestContext: { functionArn: "arn:aws:lambda:eu-central-1:111122223333:function:prod-laurel-feedback:$LATEST" },
    requestPayload: byLambda,
  });
  sqs.put("prod-laurel-feedback-dead", notification);
  const { code, text } = await run("--queue feedback --go");
  expect(code, text).toBe(0);
  expect(invoked.map(({ payload }) => payload)).toEqual([
    byLambda,
    { Records: [expect.objectContaining({ EventSource: "aws:sns", Sns: notification })] },
  ]);
  sqs.put("prod-laurel-feedback-dead", `not JSON: ${address}`);
  const strange = await run("--queue feedback --go");
  expect(strange).toMatchObject({ code: 1, text: expect.stringContaining("a form that is not known here") });
  expect(left("feedback")).toHaveLength(1);
  expect(left("feedback")[0]!.hiddenUntil).toBeLessThanOrEqual(Date.now());
  expect(text + strange.text).not.toContain(address);
});

test("messages are thrown away only by --discard and --go together", async () => {
  for (let n = 0; n < 12; n++) sqs.put("prod-laurel-alarm-dead", { n });
  expect(await run("--queue alarm --go")).toMatchObject({ code: 1, text: expect.stringContaining("--discard --go") });
  expect((await run("--queue alarm --discard")).text).toContain("To throw them away: add --go");
  expect(left("alarm")).toHaveLength(12);
  expect((await run("--queue alarm --discard --go")).text).toContain("12 messages are thrown away.");
  expect([left("alarm").length, invoked.length]).toEqual([0, 0]);
});

test("knows the queues that are deployed, and says what is missing", async () => {
  expect(Object.keys(queues)).toEqual([...deadLetterNames]);
  for (const name of deadLetterNames) expect(queueNameOf("test", name)).toBe(deadLetterQueueName("test", name));
  expect(await run("--queue all")).toMatchObject({
    code: 1,
    text: expect.stringContaining("--queue rollups | effects"),
  });
  const other = await ended(redrive, "--stage test --region eu-central-1 --queue effects");
  expect(other).toMatchObject({ code: 1, text: expect.stringContaining("There is no queue test-laurel-effects-dead") });
  expect((await ended(redrive, "--stage test --region eu-central-1 --queue alarm")).text).toContain(
    "do not go to Slack",
  );
  expect((await ended(redrive, "--help")).text).toContain("bounces and complaints");
});
