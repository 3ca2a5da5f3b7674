import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type {
  Ambassador,
  AmbassadorDetail,
  Application,
  Balance,
  Event,
  Me,
  Order,
  PublicProgram,
  Receipt,
} from "@laurel/contract";
import { checkLedger } from "@laurel/core/ledger-check";
import { getItem } from "@laurel/core/table";
import type { DynamoDBBatchResponse } from "aws-lambda";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { begin, secretsOf, stripeHook } from "../packages/local/testing/bundles/begin.ts";
import { type Caller, caller, mailsIn, mailTo, signIn, tokenIn } from "../packages/local/testing/bundles/caller.ts";
import { type Cloud, openCloud } from "../packages/local/testing/bundles/cloud.ts";
import type { UrlAnswer } from "../packages/local/testing/bundles/front.ts";
import {
  insertRecord,
  scheduledEvent,
  snsEvent,
  streamEvent,
  type UrlRequest,
  urlEvent,
} from "../packages/local/testing/lambda.ts";
import { scan } from "../packages/local/testing/scan.ts";
import { makeOwnerLink } from "../packages/ops/src/owner-link/owner-link.ts";
import type { Synth } from "./synth.testing.ts";

/** The main job and every function's own events, in the bundles alone. */
export const lifeOf = (deployment: () => Synth) =>
  describe("a program's life in its bundles alone", () => {
    let cloud: Cloud;
    let olga: Caller;
    let connectionId: string;
    /** What must stand in no log: of people each word, of a token the part that proves it. */
    const unspoken = new Set<string>();
    const hush = <T extends string>(text: T): T => {
      // Of a link's token and of a cookie the last part is the secret; what is before it are ids.
      const words = text.includes(" ")
        ? [text, ...text.split(" ").slice(0, 2)]
        : text.includes("@")
          ? [text, ...text.split(/[@.]/)]
          : text.split(/[.=]/).slice(-1);
      for (const word of words) if (word.length > 4 && word !== "example") unspoken.add(word.toLowerCase());
      return text;
    };
    const annika = { name: hush("Annika Testdotter"), email: hush("annika.testdotter@example.com") };
    const buyer = {
      name: hush("Bertil Kjellberg"),
      email: hush("bertil.kjellberg@example.com"),
      country: "SE",
    };
    let ambassador: { id: string; code: string };

    beforeAll(async () => {
      // Without a domain of its own, so that CloudFront's address is read from where the deployment writes it.
      cloud = await openCloud(
        deployment().functions,
        { endpoint: inject("dynamodbEndpoint"), stage: "prod" },
        { PUBLIC_ORIGIN: undefined },
      );
    }, 60_000);
    afterAll(() => cloud?.close());

    const ask = <R = UrlAnswer>(name: string, request: Partial<UrlRequest> & { path: string }): Promise<R> =>
      cloud.host(name).invoke<R>(urlEvent({ secret: cloud.originSecret, ...request }));
    const bodyOf = (answer: UrlAnswer) => JSON.parse(answer.body ?? "");

    test("the first sign-in opens the portal; the checkout is connected by its key, and its webhook makes itself", async () => {
      const begun = await begin(cloud, { email: hush("olga.owner@example.com"), name: hush("Olga Owner-Almqvist") });
      ({ owner: olga, connectionId } = begun);
      hush(begun.token);
      hush(olga.cookie!);
      expect(await olga.get<Me>("/api/me")).toMatchObject({ roles: ["owner"] });
      const kept = cloud.ssm.parameters.get(`/laurel/prod/connections/${connectionId}`)!;
      expect(kept.Type).toBe("SecureString");
      const { apiKey, webhookSecrets } = secretsOf(cloud, connectionId);
      for (const secret of [apiKey, ...webhookSecrets, cloud.originSecret]) hush(secret);
      for (const key of Object.values(JSON.parse(cloud.ssm.parameters.get("/laurel/prod/keys")!.Value)))
        hush(String(key));
    }, 30_000);

    test("somebody applies, confirms by mail, is approved and gets a code that works at the checkout", async () => {
      const visitor = caller(cloud);
      const program = await visitor.get<PublicProgram>("/api/program/public");
      await visitor.post("/api/applications", {
        ...annika,
        country: "SE",
        channels: [{ kind: "youtube", handle: hush("@annika.outside"), followers: 12_400 }],
        niche: "Outdoors",
        why: hush("I walk every week in your shoes, and people on the trail ask me about them."),
        ageConfirmed: true,
        guidelinesVersion: program.guidelines.version,
        termsVersion: program.terms.version,
        privacyVersion: program.privacy.version,
      });
      await cloud.settle();
      const confirm = hush(tokenIn(await mailTo(cloud, annika.email), "/apply/confirm"));
      await visitor.post("/api/applications/confirm", { token: confirm });

      const { items } = await olga.get<{ items: Application[] }>("/api/applications?status=confirmed");
      expect(items).toHaveLength(1);
      await olga.post(`/api/applications/${items[0]!.id}/approve`, {});
      await cloud.settle();
      await cloud.settle();
      const ambassadors = await olga.get<{ items: Ambassador[] }>("/api/ambassadors");
      const first = await olga.get<AmbassadorDetail>(`/api/ambassadors/${ambassadors.items[0]!.id}`);
      ambassador = { id: first.id, code: hush(first.codes[0]!.code) };
      expect(first.codes[0]).toMatchObject({ state: "active" });
      expect((await cloud.stripe.stripe.promotionCodes.list({ code: ambassador.code })).data).toHaveLength(1);
      expect((await mailTo(cloud, annika.email)).text).toContain(ambassador.code);
    }, 30_000);

    test("a visit by the link is sent on with its click, and asks no store of secrets", async () => {
      const calls = cloud.ssm.calls.length;
      const userAgent =
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile/15E148 Safari/604.1";
      const visit = {
        path: `/r/${ambassador.code.toLowerCase()}?utm_source=story&utm_source=bio`,
        headers: { "user-agent": userAgent },
      };
      const answer = await ask("redirect", visit);
      const to = new URL(answer.headers!.location!);
      expect([answer.statusCode, to.origin, to.searchParams.getAll("utm_source")]).toEqual([
        302,
        "https://shop.example",
        ["story", "bio"],
      ]);
      const click = to.searchParams.get("laurel_click")!;
      expect(await getItem(cloud.table, { pk: `CLICK#${click}`, sk: "CLICK" })).toMatchObject({
        ambassadorId: ambassador.id,
      });
      const head = await ask("redirect", { ...visit, method: "HEAD" });
      expect([head.statusCode, head.body, new URL(head.headers!.location!).searchParams.has("laurel_click")]).toEqual([
        302,
        "",
        false,
      ]);
      expect((await ask("redirect", { path: "/r/NOBODY99" })).headers!.location).toBe("https://shop.example/");
      expect(cloud.ssm.calls).toHaveLength(calls);
    });

    let order: Order;
    test("a purchase with the code: the signed webhook makes order, commission and ledger entry, and thanks by mail", async () => {
      const { stripe, standIn, apiKey } = cloud.stripe;
      const [promotion] = (await stripe.promotionCodes.list({ code: ambassador.code })).data;
      const session = await stripe.checkout.sessions.create({
        mode: "payment",
        line_items: [
          { quantity: 1, price_data: { currency: "eur", unit_amount: 20_000, product_data: { name: "Trail shoes" } } },
        ],
        discounts: [{ promotion_code: promotion!.id }],
        success_url: "https://shop.example/thanks",
      });
      const { requestId } = await standIn.complete(apiKey, session.id, buyer);
      const delivered = await standIn.deliveriesOf(apiKey, requestId);
      expect(delivered.map(({ attempts }) => attempts.map(({ status }) => status))).toEqual(delivered.map(() => [200]));
      await cloud.settle();
      const orders = await olga.get<{ items: Order[] }>("/api/orders");
      expect(orders.items).toHaveLength(1);
      order = orders.items[0]!;
      expect(order).toMatchObject({
        status: "paid",
        attribution: { ambassadorId: ambassador.id, reason: "promotion_code" },
      });
      const earned = order.commission!.earnedMinor;
      expect(earned).toBeGreaterThan(0);
      const receipt = await olga.get<Receipt>(`/api/orders/${order.id}/receipt`);
      expect(receipt.commission).toMatchObject({ earnedMinor: earned });
      const balances = await olga.get<{ items: Balance[] }>(`/api/ambassadors/${ambassador.id}/balances`);
      expect(balances.items).toMatchObject([{ currency: "EUR", pendingMinor: earned }]);
      expect((await checkLedger(cloud.table)).differences).toEqual([]);
      expect((await mailTo(cloud, annika.email)).subject).toMatch(/earned/i);
      const rolled = (await scan(cloud)).filter((item) => item.__edb_e__ === "rollup" && item.scope === "program");
      expect(rolled).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ currency: "EUR", sales: 1, earnedMinor: earned }),
          expect.objectContaining({ clicks: 1 }),
        ]),
      );
    }, 30_000);

    test("the ambassador signs in with the mailed code and sees what was earned", async () => {
      await caller(cloud).post("/api/auth/start", { email: annika.email });
      await cloud.settle();
      const mail = await mailTo(cloud, annika.email);
      const [, one, two] = /^\s*(\d{3}) ?(\d{3})\s*$/m.exec(mail.text)!;
      const she = await signIn(cloud, { email: annika.email, code: one! + two! });
      hush(she.cookie!);
      expect(await she.get<Me>("/api/me")).toMatchObject({ roles: ["ambassador"] });
      const { items } = await she.get<{ items: { earnedMinor: number }[] }>("/api/me/commissions");
      expect(items).toMatchObject([{ earnedMinor: order.commission!.earnedMinor }]);
    }, 30_000);

    describe("each function, by events as AWS makes them", () => {
      test("api: refused without the origin secret, before anything else is looked at", async () => {
        for (const secret of [undefined, "", "x".repeat(32), "undefined,undefined"])
          expect(await ask("api", { path: "/api/health", secret })).toMatchObject({ statusCode: 403 });
        for (const name of ["webhook", "redirect"])
          expect(await ask(name, { path: "/r/X", secret: undefined })).toMatchObject({ statusCode: 403 });
        const next = cloud.ssm.parameters.get("/laurel/prod/origin-secret-next")!.Value;
        expect(await ask("api", { path: "/api/health", secret: next })).toMatchObject({ statusCode: 200 });
      });

      test("api: bodies as text and in base 64, several cookies, HEAD, an unknown path, the docs and their files", async () => {
        const headers = { origin: cloud.origin, "content-type": "application/json" };
        for (const base64 of [false, true]) {
          const body = JSON.stringify({ email: "nobody@example.com" });
          const answer = await ask("api", { method: "POST", path: "/api/auth/start", headers, body, base64 });
          expect(answer.statusCode, answer.body).toBeLessThan(300);
        }
        const mine = await ask("api", { path: "/api/me", cookies: ["theme=dark", olga.cookie!, "other=1"] });
        expect(bodyOf(mine)).toMatchObject({ roles: ["owner"] });
        expect(await ask("api", { path: "/api/me" })).toMatchObject({ statusCode: 401 });
        expect(await ask("api", { method: "HEAD", path: "/api/health" })).toMatchObject({ statusCode: 200, body: "" });
        expect(await ask("api", { path: "/api/nothing/anna@example.com" })).toMatchObject({ statusCode: 404 });
        expect(await ask("api", { path: "/api/docs" })).toMatchObject({
          statusCode: 200,
          body: expect.stringContaining("swagger-ui"),
        });
        const icon = await ask("api", { path: "/api/docs/favicon-32x32.png" });
        expect(icon).toMatchObject({ statusCode: 200, isBase64Encoded: true });
        expect(Buffer.from(icon.body!, "base64").subarray(1, 4).toString()).toBe("PNG");
        expect(bodyOf(await ask("api", { path: "/api/openapi.json" })).openapi).toBe("3.1.0");
      });

      test("api: callers are told apart by the address that the front door tells, IPv6 by its network", async () => {
        const start = (viewerIp: string) =>
          ask("api", {
            method: "POST",
            path: "/api/auth/start",
            headers: { origin: cloud.origin, "content-type": "application/json", "x-forwarded-for": "198.51.100.1" },
            body: JSON.stringify({ email: "nobody@example.com" }),
            viewerIp,
          });
        const counted = async () =>
          (await scan(cloud)).filter((item) => item.pk.startsWith("LIMIT#sign_in.start.network")).length;
        const before = await counted();
        for (const address of ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2"]) await start(address);
        expect(await counted()).toBe(before + 1);
        await start("2001:db8:1:3::1");
        expect(await counted()).toBe(before + 2);
      });

      const event = (type: string) =>
        JSON.stringify({
          id: `evt_1${Math.random().toString(36).slice(2)}`,
          object: "event",
          type,
          created: Math.floor(Date.now() / 1000),
          livemode: false,
          data: { object: { id: "cus_1", object: "customer", name: "Ü €", email: buyer.email } },
        });

      test("webhook: what is signed passes as text and in base 64, byte for byte, without a hash of the body in a header", async () => {
        for (const base64 of [false, true]) {
          const request = { ...stripeHook(cloud, connectionId, event("customer.created")), base64 };
          expect(Object.keys(urlEvent(request).headers)).not.toContain("x-amz-content-sha256");
          expect(bodyOf(await ask("webhook", request))).toEqual({ received: true });
          expect((await ask("webhook", { ...request, body: `${request.body} ` })).statusCode).toBe(400);
          expect((await ask("webhook", { ...request, secret: undefined })).statusCode).toBe(403);
        }
        const { items } = await olga.get<{ items: Event[] }>("/api/events");
        expect(items.filter(({ type }) => type === "customer.created").map(({ status }) => status)).toEqual([
          "ignored",
          "ignored",
        ]);
      });

      test("webhook: a connection that nobody made is refused without a question to the store of secrets", async () => {
        const calls = cloud.ssm.calls.length;
        const path = "/webhooks/stripe/con_01jd0000000000000000000009";
        expect(
          await ask("webhook", { ...stripeHook(cloud, connectionId, event("customer.created")), path }),
        ).toMatchObject({ statusCode: 404 });
        expect(await ask("webhook", { path: `/webhooks/stripe/${connectionId}` })).toMatchObject({ statusCode: 405 });
        expect(cloud.ssm.calls).toHaveLength(calls);
      });

      test("rollups and effects: records that were dealt with change nothing when they come again", async () => {
        const before = await scan(cloud);
        const mails = (await mailsIn(cloud)).length;
        const records = before.flatMap((item, at) => {
          if (!["entry", "click", "effect", "incoming"].includes(item.__edb_e__)) return [];
          const { body: _, ...plain } = item;
          return [insertRecord(plain, String(1000 + at))];
        });
        for (const name of ["rollups", "effects"])
          expect(await cloud.host(name).invoke<DynamoDBBatchResponse>(streamEvent(records))).toEqual({
            batchItemFailures: [],
          });
        const kinds = (items: typeof before) =>
          items.filter((item) => ["rollup", "order", "account", "commission"].includes(item.__edb_e__));
        expect(kinds(await scan(cloud))).toEqual(kinds(before));
        expect(await mailsIn(cloud)).toHaveLength(mails);
      });

      test("minute: the schedule's event runs it to its end", async () => {
        expect(await cloud.host("minute").invoke(scheduledEvent())).toBeNull();
        expect(
          cloud
            .host("minute")
            .logged()
            .filter(({ level }) => level === "ERROR"),
        ).toEqual([]);
      });

      test("day: what it begins with the table alone, the stream and the minute bring to its end", async () => {
        expect(await cloud.host("day").invoke(scheduledEvent())).toBeNull();
        await cloud.settle();
        await cloud.minute();
        const compared = (await scan(cloud)).filter((item) => item.kind === "connection.compare");
        expect(compared).not.toEqual([]);
        for (const job of compared) expect(job).toMatchObject({ state: "done" });
        expect(
          cloud
            .host("day")
            .logged()
            .filter(({ level }) => level === "ERROR"),
        ).toEqual([]);
      });

      test("feedback: a bounce stops mail to the address, and the portal says so", async () => {
        const bounce = {
          eventType: "Bounce",
          bounce: {
            bounceType: "Permanent",
            bounceSubType: "General",
            bouncedRecipients: [
              {
                emailAddress: annika.email,
                action: "failed",
                status: "5.1.1",
                diagnosticCode: "smtp; 550 5.1.1 user unknown",
              },
            ],
            timestamp: new Date().toISOString(),
            feedbackId: "0100019a-feedback",
          },
          mail: {
            timestamp: new Date().toISOString(),
            messageId: "0100019a-message",
            source: "hello@shop.example.com",
            destination: [annika.email],
          },
        };
        await cloud.host("feedback").invoke(snsEvent(bounce, "Amazon SES Email Event Notification"));
        const { mailTrouble } = await olga.get<AmbassadorDetail>(`/api/ambassadors/${ambassador.id}`);
        expect(mailTrouble).toMatchObject({ kind: "bounced", stopped: true });
      });

      test("alarm: an alarm of CloudWatch reaches Slack", async () => {
        const posted: string[] = [];
        const slack = createServer((request, response) => {
          request.on("data", (part) => posted.push(String(part)));
          request.on("end", () => response.end("ok"));
        });
        await new Promise<void>((done) => slack.listen(0, "127.0.0.1", done));
        const address = hush(`http://127.0.0.1:${(slack.address() as AddressInfo).port}/services/T0/B0/hush`);
        cloud.ssm.set("/laurel/prod/slack-webhook", address);
        try {
          const alarm = {
            AlarmName: "prod-laurel-dead-letters",
            AlarmDescription: "Something was given up.",
            NewStateValue: "ALARM",
            StateChangeTime: "2026-11-22T10:00:00.000+0000",
            AlarmArn: "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:prod-laurel-dead-letters",
          };
          await cloud.host("alarm").invoke(snsEvent(alarm, "ALARM"));
          expect(JSON.parse(posted.join("")).text).toContain("prod-laurel-dead-letters");
        } finally {
          slack.close();
        }
      });

      test("global: a stack in us-east-1 that is gone already is told to be gone", async () => {
        const told: string[] = [];
        const aws = createServer((request, response) => {
          const parts: string[] = [];
          request.on("data", (part) => parts.push(String(part)));
          request.on("end", () => {
            if (request.method === "PUT") {
              told.push(parts.join(""));
              return response.end();
            }
            const message = "<Message>Stack with id prod-laurel-Global does not exist</Message>";
            response.writeHead(400, { "content-type": "text/xml" });
            return response.end(
              `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>${message}</Error></ErrorResponse>`,
            );
          });
        });
        await new Promise<void>((done) => aws.listen(0, "127.0.0.1", done));
        const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`;
        const elsewhere = await openCloud(
          [deployment().functions.find((each) => each.name === "global")!],
          { endpoint: inject("dynamodbEndpoint"), stage: "prod" },
          { AWS_ENDPOINT_URL_CLOUDFORMATION: endpoint },
        );
        try {
          await elsewhere.host("global").invoke({
            RequestType: "Delete",
            ResponseURL: `${endpoint}/answer`,
            StackId: "arn:aws:cloudformation:eu-central-1:123456789012:stack/prod-laurel-Portal/1",
            RequestId: "1",
            LogicalResourceId: "Global",
            PhysicalResourceId: "prod-laurel-Global",
            ResourceType: "Custom::Global",
            ResourceProperties: { StackName: "prod-laurel-Global", Template: "{}", Tags: [] },
          });
          expect(JSON.parse(told[0]!)).toMatchObject({ Status: "SUCCESS", PhysicalResourceId: "prod-laurel-Global" });
        } finally {
          await elsewhere.close();
          aws.close();
        }
      });

      test("with a domain of its own, the session's cookie is bound to it and goes out beside other headers", async () => {
        const origin = "https://friends.shop.example.com";
        const own = await openCloud(deployment().functions, { endpoint: inject("dynamodbEndpoint"), stage: "prod" });
        try {
          const owner = {
            email: "o@example.com",
            brand: "Fjell",
            currency: "EUR",
            "time-zone": "UTC",
            shop: "https://shop.example/",
          };
          const link = await makeOwnerLink(own.runtime.context({ kind: "system", name: "owner-link" }), owner, {
            say: () => {},
          });
          const answer = await own.host("api").invoke<UrlAnswer>(
            urlEvent({
              method: "POST",
              path: "/api/auth/verify",
              secret: own.originSecret,
              headers: { origin, "content-type": "application/json" },
              body: JSON.stringify({ token: new URLSearchParams(new URL(link).hash.slice(1)).get("token") }),
            }),
          );
          expect(answer.cookies).toEqual([
            expect.stringMatching(/^__Host-laurel=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
          ]);
          expect(answer.headers).toMatchObject({
            "strict-transport-security": expect.any(String),
            "cache-control": "no-store",
          });
          expect(Object.keys(answer.headers!)).not.toContain("set-cookie");
        } finally {
          await own.close();
        }
      }, 30_000);
    });

    test("metrics were written as CloudWatch reads them: ten names at most, one dimension, each sale once", () => {
      const emf = cloud.lines().flatMap((line) => (line.includes('"_aws"') ? [JSON.parse(line)] : []));
      const all = emf.flatMap(({ _aws: { CloudWatchMetrics } }) => CloudWatchMetrics);
      for (const each of all) expect(each).toMatchObject({ Namespace: "Laurel/prod", Dimensions: [["service"]] });
      expect(new Set(emf.map(({ service }) => service))).toEqual(new Set(["laurel"]));
      const sumOf = (name: string) =>
        emf.flatMap((line) => line[name] ?? []).reduce((sum: number, value: number) => sum + value, 0);
      expect([sumOf("Sales"), sumOf("CommissionsMinor")]).toEqual([1, order.commission!.earnedMinor]);
      expect(
        new Set(all.flatMap(({ Metrics }) => Metrics.map(({ Name }: { Name: string }) => Name))).size,
      ).toBeLessThanOrEqual(10);
    });

    test("logs are JSON, each line with its function and its invocation, and tell of nobody", () => {
      const lines = cloud.lines();
      expect(lines.length).toBeGreaterThan(30);
      for (const line of lines) {
        const told = JSON.parse(line);
        if (!told._aws)
          expect(told).toMatchObject({
            level: expect.any(String),
            message: expect.any(String),
            service: expect.stringMatching(/^laurel-/),
            function_request_id: expect.any(String),
          });
      }
      const whole = lines.join("\n").toLowerCase();
      for (const word of unspoken) expect(whole.includes(word), `a log tells of ${word}`).toBe(false);
      expect(whole).not.toMatch(/[\w.+-]+@[\w-]+\.\w+/);
      expect(whole).not.toMatch(/203\.0\.113\.|2001:db8/);
    });
  });
