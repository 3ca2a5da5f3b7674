import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Effect, Event, Order } from "@laurel/contract";
import { checkLedger } from "@laurel/core/ledger-check";
import type { DynamoDBBatchResponse } from "aws-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from "vitest";
import { type Begun, begin, stripeHook } from "../packages/local/testing/bundles/begin.ts";
import { caller, mailsIn, mailTo } from "../packages/local/testing/bundles/caller.ts";
import { type Cloud, openCloud } from "../packages/local/testing/bundles/cloud.ts";
import type { UrlAnswer } from "../packages/local/testing/bundles/front.ts";
import { InvocationFailed } from "../packages/local/testing/bundles/host.ts";
import { event, purchase, session } from "../packages/local/testing/checkout.ts";
import { type UrlRequest, urlEvent } from "../packages/local/testing/lambda.ts";
import { scan } from "../packages/local/testing/scan.ts";
import type { Synth } from "./synth.testing.ts";

/**
 * What breaks sooner or later, broken on purpose. Each ends in a line of log that says what it is, in a metric, a dead letter
 * or another try; and nothing is lost.
 */
export const drillsOf = (deployment: () => Synth) =>
  describe("when something is missing or fails", () => {
    let cloud: Cloud;
    let begun: Begun;
    beforeAll(async () => {
      const places = { endpoint: inject("dynamodbEndpoint"), stage: "prod" };
      cloud = await openCloud(deployment().functions, places, { PUBLIC_ORIGIN: undefined });
      begun = await begin(cloud);
    }, 60_000);
    afterAll(() => cloud?.close());
    afterEach(() => {
      cloud.ssm.trouble = undefined;
      cloud.faults.dynamodb.spoil = undefined;
      cloud.faults.ses.spoil = undefined;
    });

    const ask = (name: string, request: UrlRequest) => cloud.host(name).invoke<UrlAnswer>(urlEvent(request));
    const bought = () => {
      const of = purchase(new Date());
      const body = JSON.stringify(event("checkout.session.completed", session(of), of.at));
      return { of, body, tell: () => ask("webhook", stripeHook(cloud, begun.connectionId, body)) };
    };
    const ordersOf = async ({ session }: { session: string }) =>
      (await begun.owner.get<{ items: Order[] }>(`/api/orders?externalId=${session}`)).items;
    /** What a function wrote to its log since. */
    const since = (name: string) => {
      const from = cloud.host(name).logged().length;
      return () => cloud.host(name).logged().slice(from);
    };
    const counted = (lines: Record<string, unknown>[], metric: string) =>
      lines
        .flatMap((line) => (line._aws ? ((line[metric] as number[]) ?? []) : []))
        .reduce((sum, value) => sum + value, 0);

    test("a secret is missing: webhooks are put off, the log names it and what makes it, and then all goes on", async () => {
      const { of, tell } = bought();
      const keys = cloud.ssm.parameters.get("/laurel/prod/keys")!.Value;
      cloud.ssm.parameters.delete("/laurel/prod/keys");
      await cloud.recycle("webhook");
      expect(await tell()).toMatchObject({ statusCode: 503, headers: { "retry-after": "30" } });
      expect(cloud.host("webhook").logged()).toMatchObject([
        {
          level: "ERROR",
          message: "parameter.missing",
          parameter: "/laurel/prod/keys",
          command: "npm run setup -- --stage prod",
        },
        { level: "ERROR", message: "invocation.not_ready", error: "runtime.not_ready" },
      ]);
      cloud.ssm.set("/laurel/prod/keys", keys);
      await new Promise((done) => setTimeout(done, 5_100));
      expect(await tell()).toMatchObject({ statusCode: 200 });
      expect(await ordersOf(of)).toHaveLength(1);
    }, 20_000);

    test("a connection's secrets are missing: its webhooks are put off and the log says whose", async () => {
      const { of, tell } = bought();
      const name = `/laurel/prod/connections/${begun.connectionId}`;
      const { body } = { body: cloud.ssm.parameters.get(name)!.Value };
      const request = tell;
      cloud.ssm.parameters.delete(name);
      await cloud.recycle("webhook");
      const hook = stripeHook(cloud, begun.connectionId, bought().body, JSON.parse(body).webhookSecrets);
      expect(await ask("webhook", hook)).toMatchObject({ statusCode: 503 });
      expect(cloud.host("webhook").logged()).toMatchObject([
        { level: "WARN", message: "unavailable", error: "connection.secrets" },
      ]);
      cloud.ssm.set(name, body);
      await cloud.recycle("webhook");
      expect(await request()).toMatchObject({ statusCode: 200 });
      expect(await ordersOf(of)).toHaveLength(1);
    }, 20_000);

    test("the store of secrets is throttled at a cold start: webhooks are put off, stream records stay, both are done later", async () => {
      await Promise.all([cloud.recycle("webhook"), cloud.recycle("effects")]);
      const { of, tell } = bought();
      const mails = (await mailsIn(cloud)).length;
      await caller(cloud).post("/api/auth/start", { email: begun.email });
      const [waiting] = (await scan(cloud)).filter(
        (item) => item.__edb_e__ === "effect" && item.state === "waiting" && item.kind === "mail.sign_in",
      );
      const records = {
        Records: [
          {
            eventName: "INSERT",
            dynamodb: { SequenceNumber: "1", NewImage: { __edb_e__: { S: "effect" }, id: { S: waiting!.id } } },
          },
        ],
      };
      cloud.ssm.trouble = "throttled";
      expect(await tell()).toMatchObject({ statusCode: 503 });
      expect(cloud.host("webhook").logged()).toMatchObject([
        {
          level: "ERROR",
          message: "invocation.not_ready",
          error: "secrets.unavailable",
          cause: expect.stringContaining("ThrottlingException"),
        },
      ]);
      await expect(cloud.host("effects").invoke(records)).rejects.toThrow(InvocationFailed);
      expect(cloud.host("effects").logged()).toMatchObject([
        { level: "ERROR", message: "invocation.failed", error: "secrets.unavailable" },
      ]);
      cloud.ssm.trouble = undefined;
      expect(await tell()).toMatchObject({ statusCode: 200 });
      expect(await cloud.host("effects").invoke(records)).toEqual({ batchItemFailures: [] });
      await cloud.settle();
      expect(await ordersOf(of)).toHaveLength(1);
      expect(await mailsIn(cloud)).toHaveLength(mails + 1);
    }, 20_000);

    test("the table is throttled: who sends comes again; what was stored is decided later; a figure is counted once", async () => {
      const { of, tell } = bought();
      const lines = since("webhook");
      cloud.faults.dynamodb.spoil = () => ({ status: 400, type: "ThrottlingException", message: "Rate exceeded" });
      expect(await tell()).toMatchObject({ statusCode: 503 });
      expect(lines()).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ level: "WARN", message: "unavailable", error: "table.unavailable" }),
        ]),
      );
      expect(counted(lines(), "ThrottledRetries")).toBeGreaterThan(0);

      // The event can be stored, and its decision can't.
      cloud.faults.dynamodb.spoil = ({ action, body }) =>
        action === "TransactWriteItems" && body.includes("ORDER#")
          ? { status: 400, type: "ProvisionedThroughputExceededException" }
          : undefined;
      expect(await tell()).toMatchObject({ statusCode: 200 });
      expect(lines()).toEqual(
        expect.arrayContaining([expect.objectContaining({ message: "event.decide_later", error: "table.busy" })]),
      );
      const effects = since("effects");
      await cloud.settle();
      expect(effects()).toEqual(expect.arrayContaining([expect.objectContaining({ message: "event.failed" })]));
      expect(counted(effects(), "FailedTries")).toBe(1);
      const { items } = await begun.owner.get<{ items: Event[] }>("/api/events?status=waiting");
      expect(items).toHaveLength(1);
      cloud.faults.dynamodb.spoil = undefined;
      await begun.owner.post(`/api/events/${items[0]!.id}/replay`);
      expect(await ordersOf(of)).toHaveLength(1);
      expect((await checkLedger(cloud.table)).differences).toEqual([]);
    }, 30_000);

    test("the table is throttled: visitors of a known link are sent on without their click, which is counted as lost", async () => {
      const code = {
        pk: "CODE#DRILL10",
        sk: "CODE",
        code: "DRILL10",
        ambassadorId: "amb_drill",
        ambassadorStatus: "active",
        campaignId: "none",
        __edb_e__: "code",
        __edb_v__: "1",
      };
      await cloud.table.client.send(new PutCommand({ TableName: cloud.table.name, Item: code }));
      const visit = {
        path: "/r/DRILL10",
        secret: cloud.originSecret,
        headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0" },
      };
      expect((await ask("redirect", visit)).headers!.location).toContain("laurel_click=");
      cloud.faults.dynamodb.spoil = () => ({ status: 400, type: "ThrottlingException" });
      const lines = since("redirect");
      expect(await ask("redirect", visit)).toMatchObject({
        statusCode: 302,
        headers: { location: "https://shop.example/" },
      });
      expect(lines()).toEqual(
        expect.arrayContaining([expect.objectContaining({ level: "ERROR", message: "click.lost" })]),
      );
      expect(counted(lines(), "LostClicks")).toBe(1);
    }, 20_000);

    test("the mail service refuses: the effect is dead and visible, and sends once somebody tries it again", async () => {
      const lines = since("effects");
      cloud.faults.ses.spoil = () => ({
        status: 400,
        type: "MessageRejected",
        message: `Email address is not verified. The following identities failed the check: ${begun.email}`,
      });
      const mails = (await mailsIn(cloud)).length;
      await caller(cloud).post("/api/auth/start", { email: begun.email });
      await cloud.settle();
      expect(lines()).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            level: "WARN",
            message: "effect.failed",
            kind: "mail.sign_in",
            dead: true,
            error: "mail.refused",
          }),
        ]),
      );
      expect(JSON.stringify(lines())).not.toContain(begun.email);
      expect([counted(lines(), "FailedTries"), counted(lines(), "DeadLetters")]).toEqual([1, 1]);
      const { items } = await begun.owner.get<{ items: Effect[] }>("/api/effects?state=dead");
      expect(items).toHaveLength(1);
      cloud.faults.ses.spoil = undefined;
      await begun.owner.post(`/api/effects/${items[0]!.id}/retry`);
      await cloud.settle();
      await cloud.minute();
      expect(await mailsIn(cloud)).toHaveLength(mails + 1);
      expect((await mailTo(cloud, begun.email)).subject).toMatch(/sign in/i);
    }, 30_000);

    test("the mail service asks for a pause: the mail waits for its next try and goes out once", async () => {
      const lines = since("effects");
      cloud.faults.ses.spoil = () => ({ status: 429, type: "TooManyRequestsException" });
      const mails = (await mailsIn(cloud)).length;
      await caller(cloud).post("/api/auth/start", { email: begun.email });
      await cloud.settle();
      expect(lines()).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ message: "effect.failed", dead: false, error: "mail.unavailable" }),
        ]),
      );
      expect([counted(lines(), "FailedTries"), counted(lines(), "DeadLetters")]).toEqual([1, 0]);
      cloud.faults.ses.spoil = undefined;
      await new Promise((done) => setTimeout(done, 5_500));
      await cloud.minute();
      expect(await mailsIn(cloud)).toHaveLength(mails + 1);
    }, 30_000);

    test("one record poisons the stream: it alone is given up and kept, all around it is done", async () => {
      const poison = {
        pk: "AMB#amb_poison",
        sk: "LED#led_poison",
        __edb_e__: "entry",
        __edb_v__: "1",
        ambassadorId: "amb_poison",
        kind: "earn",
      };
      const { of, tell } = bought();
      const before = { rollups: since("rollups"), effects: since("effects") };
      const mails = (await mailsIn(cloud)).length;
      await caller(cloud).post("/api/auth/start", { email: begun.email });
      await cloud.table.client.send(new PutCommand({ TableName: cloud.table.name, Item: poison }));
      expect(await tell()).toMatchObject({ statusCode: 200 });
      await cloud.settle();
      expect(cloud.dead.map(({ consumer, record }) => [consumer, record.dynamodb!.Keys!.sk!.S])).toEqual([
        ["effects", "LED#led_poison"],
        ["rollups", "LED#led_poison"],
      ]);
      expect(before.rollups()).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ level: "ERROR", message: "rollups.failed", at: expect.any(Array) }),
        ]),
      );
      expect(before.effects()).toEqual(
        expect.arrayContaining([expect.objectContaining({ level: "ERROR", message: "effects.failed", kind: "entry" })]),
      );
      expect(await ordersOf(of)).toHaveLength(1);
      expect(await mailsIn(cloud)).toHaveLength(mails + 1);
      // Handed out again as it is, as a redrive would, it fails by itself and holds up nothing.
      const [{ record }] = cloud.dead as [(typeof cloud.dead)[number]];
      expect(await cloud.host("rollups").invoke<DynamoDBBatchResponse>({ Records: [record] })).toEqual({
        batchItemFailures: [{ itemIdentifier: record.dynamodb!.SequenceNumber }],
      });
    }, 30_000);
  });
