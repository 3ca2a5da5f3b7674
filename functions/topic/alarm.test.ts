import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { SNSEvent } from "aws-lambda";
import { afterEach, expect, test } from "vitest";
import { createAlarm } from "./alarm.ts";
import { slackMessage } from "./alarm-message.ts";

const rang = {
  AlarmName: "prod-laurel-webhook-errors",
  AlarmDescription:
    "Webhooks of a checkout could not be stored. Look at the log <of the webhook> & friends. https://example.com/docs/alarms.md#webhook-errors",
  AWSAccountId: "123456789012",
  NewStateValue: "ALARM",
  NewStateReason: "Threshold Crossed: 1 datapoint [3.0] for anna@example.com",
  StateChangeTime: "2026-06-15T10:42:07.123+0000",
  Region: "EU (Frankfurt)",
  AlarmArn: "arn:aws:cloudwatch:eu-central-1:123456789012:alarm:prod-laurel-webhook-errors",
  OldStateValue: "OK",
  Trigger: { MetricName: "Url5xxCount", Namespace: "AWS/Lambda" },
};
const eventOf = (message: unknown, subject = 'ALARM: "prod-laurel-webhook-errors"') =>
  ({
    Records: [
      { EventSource: "aws:sns", Sns: { Type: "Notification", Subject: subject, Message: JSON.stringify(message) } },
    ],
  }) as unknown as SNSEvent;

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** Something that takes the place of Slack. */
async function slack(answer: { status?: number; never?: boolean; location?: string } = {}) {
  const posted: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    posted.push(body);
    if (answer.never) return;
    if (answer.location) response.setHeader("location", answer.location);
    response.writeHead(answer.status ?? 200).end("ok");
  }).listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  ends.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/services/T0/B0/secret`;
  return { posted, address, alarm: createAlarm({ webhook: async () => address, timeoutMs: 300 }) };
}

test("an alarm says its name, what to do, where to read on and where to look; and nothing of what was measured", async () => {
  const { alarm, posted } = await slack();
  await alarm(eventOf(rang));
  const { text, blocks } = JSON.parse(posted[0]!);
  expect(text).toBe("🔴 prod-laurel-webhook-errors");
  expect(blocks.map((block: { text: { text: string } }) => block.text.text)).toEqual([
    "*🔴 prod-laurel-webhook-errors*",
    "Webhooks of a checkout could not be stored. Look at the log &lt;of the webhook&gt; &amp; friends.",
    "<https://example.com/docs/alarms.md#webhook-errors|What to do> · <https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1#alarmsV2:alarm/prod-laurel-webhook-errors|The alarm> · 2026-06-15 10:42 UTC",
  ]);
  expect(posted[0]).not.toContain("anna@");
});

test("its end is told without the words of the alarm", () => {
  const { text, blocks } = slackMessage({ message: JSON.stringify({ ...rang, NewStateValue: "OK" }) });
  expect(text).toBe("🟢 prod-laurel-webhook-errors is fine again");
  expect(JSON.stringify(blocks)).not.toContain("could not be stored");
});

test("a description that names a file instead of an address is told as it is", () => {
  const AlarmDescription = "Figures are behind. See docs/alarms.md#rollups-late";
  const { blocks } = slackMessage({ message: JSON.stringify({ ...rang, AlarmDescription }) });
  expect(blocks[1]!.text.text).toBe(AlarmDescription);
});

test.each([
  ["a text", "anna@example.com bounced"],
  ["other JSON", { notificationType: "Bounce", bounce: { bouncedRecipients: [{ emailAddress: "anna@example.com" }] } }],
  ["null", null],
])("of what is no alarm only the subject is passed on: %s", async (_, message) => {
  const { alarm, posted } = await slack();
  await alarm(eventOf(message, "Budget of anna@example.com"));
  expect(posted[0]).not.toContain("anna");
  expect(JSON.parse(posted[0]!).text).toBe("🔔 Budget of an address");
});

test.each([[404], [410], [429], [500]])(
  "where Slack answers %d it is tried again, and the webhook stays secret",
  async (status) => {
    const { alarm } = await slack({ status });
    const error = await alarm(eventOf(rang)).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ message: `Slack did not take the alarm: HTTP ${status}.` });
  },
);

test("a redirect is not followed", async () => {
  const elsewhere = await slack();
  const { alarm } = await slack({ status: 307, location: elsewhere.address });
  await expect(alarm(eventOf(rang))).rejects.toThrow("HTTP 307");
  expect(elsewhere.posted).toEqual([]);
});

test("where Slack does not answer, it is not waited for", async () => {
  const { alarm } = await slack({ never: true });
  const startedAt = performance.now();
  const error = (await alarm(eventOf(rang)).catch((thrown) => thrown)) as Error;
  expect(error.message).toBe("Slack did not answer (TimeoutError).");
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test("nobody there, and no webhook, are told without the webhook's address", async () => {
  const alarm = createAlarm({ webhook: async () => "http://127.0.0.1:1/services/T0/B0/secret" });
  const error = (await alarm(eventOf(rang)).catch((thrown) => thrown)) as Error;
  expect([error.message, String(error.cause)].join()).not.toContain("secret");
  for (const webhook of [undefined, "", "not an address", "http://slack.example/secret"])
    await expect(createAlarm({ webhook: async () => webhook })(eventOf(rang))).rejects.toThrow("No Slack webhook");
});
