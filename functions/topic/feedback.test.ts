import { randomUUID } from "node:crypto";
import type { Effect } from "@laurel/contract";
import * as Ambassadors from "@laurel/core/ambassador";
import * as Applications from "@laurel/core/application";
import { list as listAudit } from "@laurel/core/audit";
import * as Effects from "@laurel/core/effect";
import { sweepEffects } from "@laurel/core/effect-runner";
import { AppError } from "@laurel/core/kernel";
import { allowMail, mailboxKey } from "@laurel/core/mailbox";
import { createStaff } from "@laurel/core/person";
import { start } from "@laurel/core/sign-in";
import { getItem } from "@laurel/core/table";
import type { SNSEvent } from "aws-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { confirmed, refusalOf, submitted, visitor } from "../../packages/core/src/application/testing.ts";
import { openWorld, type World } from "../../packages/local/testing/index.ts";
import { runtimeOn, wrapped } from "../../packages/local/testing/wrap.ts";
import { createFeedback } from "./feedback.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

/** A notification as SNS hands it to a function. */
const notification = (...messages: unknown[]): SNSEvent => ({
  Records: messages.map((message) => ({
    EventSource: "aws:sns",
    EventVersion: "1.0",
    EventSubscriptionArn: "arn:aws:sns:eu-central-1:111122223333:laurel-test-mail-feedback:0b1c",
    Sns: {
      Type: "Notification",
      MessageId: randomUUID(),
      TopicArn: "arn:aws:sns:eu-central-1:111122223333:laurel-test-mail-feedback",
      Subject: "Amazon SES Email Event Notification",
      Message: typeof message === "string" ? message : JSON.stringify(message),
      Timestamp: "2026-06-15T10:00:01.000Z",
      SignatureVersion: "1",
      Signature: "EXAMPLE",
      SigningCertUrl: "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
      UnsubscribeUrl: "https://sns.eu-central-1.amazonaws.com/?Action=Unsubscribe",
      MessageAttributes: {},
    },
  })),
});

let told = 0;
const at = () => world.clock.now().toISOString();
const bounce = (address: string, more: object = {}) => ({
  eventType: "Bounce",
  bounce: {
    bounceType: "Permanent",
    bounceSubType: "General",
    bouncedRecipients: [{ emailAddress: address, action: "failed", status: "5.1.1" }],
    timestamp: at(),
    feedbackId: `feedback-${++told}`,
    ...more,
  },
  mail: { timestamp: at(), messageId: `message-${told}`, destination: [address] },
});
const complaint = (address: string) => ({
  notificationType: "Complaint",
  complaint: {
    complainedRecipients: [{ emailAddress: address }],
    timestamp: at(),
    feedbackId: `feedback-${++told}`,
    complaintFeedbackType: "abuse",
  },
  mail: { timestamp: at(), messageId: `message-${told}`, destination: [address] },
});

const tell = (...messages: unknown[]) => createFeedback(world.runtime)(notification(...messages));
const manager = () => world.ctx(world.staff("manager"));
const mailsTo = (address: string) => world.mails.filter(({ to }) => to === address).length;
const personOf = async (id: string) => (await Applications.findApplication(world.ctx(), id))!.personId;
const skippedOf = async (personId: string): Promise<Effect[]> =>
  (await Effects.list(manager(), { state: "skipped" })).items.filter(({ person }) => person?.id === personId);

test("after a bounce for good nothing is sent, and everybody sees why", async () => {
  const { id, email } = await confirmed(world, { name: "Bea Bounce" });
  await world.settle();
  await tell(bounce(email.toUpperCase()));
  const sent = mailsTo(email);
  await Applications.waitlist(manager(), id, {});
  world.clock.advance(11 * 60_000);
  await sweepEffects(world.ctx());
  expect(mailsTo(email)).toBe(sent);

  const because = "the mailbox does not exist or takes no mail from us";
  const trouble = { kind: "bounced", stopped: true, because, personId: await personOf(id) };
  expect(await Applications.get(manager(), id)).toMatchObject({ mailTrouble: trouble });
  const [effect] = await skippedOf(trouble.personId);
  expect(effect).toMatchObject({
    kind: "mail.application_decided",
    subject: id,
    state: "skipped",
    lastError: `Mail does not reach this address since 2026-06-15, because ${because}.`,
    person: { name: "Bea Bounce", mailTrouble: trouble },
  });
  // The item tells ids and reasons alone.
  const item = JSON.stringify(await getItem(world.table, mailboxKey(trouble.personId)));
  expect(item).not.toContain("@");
});

test("told again, late or by both of the service's ways, it changes nothing", async () => {
  const { id, email } = await confirmed(world);
  const personId = await personOf(id);
  const once = bounce(email);
  await tell(once, complaint(email));
  const before = await getItem(world.table, mailboxKey(personId));
  const { eventType, ...rest } = once;
  await tell({ notificationType: eventType, ...rest }, once);
  expect(await getItem(world.table, mailboxKey(personId))).toEqual(before);
});

test("many at once about one mailbox are all kept", async () => {
  const { id, email } = await confirmed(world);
  const full = { bounceType: "Transient", bounceSubType: "MailboxFull" };
  const four = Array.from({ length: 4 }, () => bounce(email, full));
  await Promise.all(four.map((each) => tell(each)));
  expect(await Applications.get(manager(), id)).toMatchObject({ mailTrouble: { kind: "returned", stopped: false } });
  await tell(bounce(email, full));
  expect(await Applications.get(manager(), id)).toMatchObject({ mailTrouble: { kind: "returned", stopped: true } });
});

test("who has complained gets nothing but what they ask for, and little of that", async () => {
  const email = "cora@example.com";
  await createStaff(world.ctx(), { email, name: "Cora", roles: ["viewer"] });
  await tell(complaint(email));
  const ask = async () => {
    await start(world.ctx(visitor()), { email });
    await world.settle();
  };
  for (let times = 0; times < 3; times++) await ask();
  expect(mailsTo(email)).toBe(3);
  await ask();
  expect(mailsTo(email)).toBe(3);
  const { items } = await Effects.list(manager(), { state: "skipped" });
  const mine = items.find(({ person }) => person?.name === "Cora")!;
  expect(mine.lastError).toContain("3 a day are sent");
  // Which address somebody typed is nobody's business.
  expect(mine.subject).toBe("a sign-in");
  world.clock.advance(86_400_000);
  await ask();
  expect(mailsTo(email)).toBe(4);
});

test("a sign-in link is not sent where mail bounces", async () => {
  const email = "gone@example.com";
  await createStaff(world.ctx(), { email, name: "Gone", roles: ["viewer"] });
  await tell(bounce(email));
  await start(world.ctx(visitor()), { email });
  await world.settle();
  expect(mailsTo(email)).toBe(0);
});

test("once the person has confirmed, mail is sent again, and what was skipped can be sent too", async () => {
  const { id, email } = await confirmed(world, { name: "Lea Lift" });
  await world.settle();
  await tell(bounce(email));
  await Applications.waitlist(manager(), id, {});
  world.clock.advance(11 * 60_000);
  await sweepEffects(world.ctx());
  const personId = await personOf(id);
  const [effect] = await skippedOf(personId);
  const note = "She told us by phone that it works again.";

  expect(await refusalOf(allowMail(world.ctx(world.staff("viewer")), personId, { note }))).toMatchObject({
    code: "auth.forbidden",
  });
  world.mail.failNext(new AppError("unavailable", "mail.unavailable", "Not now."));
  expect(await refusalOf(allowMail(manager(), personId, { note }))).toMatchObject({ kind: "unavailable" });
  expect((await Applications.get(manager(), id)).mailTrouble).not.toBeNull();

  await allowMail(manager(), personId, { note });
  expect(world.mail.allowed).toContain(email);
  expect((await Applications.get(manager(), id)).mailTrouble).toBeNull();
  const audit = await listAudit(world.ctx(world.staff("owner")), { subject: personId });
  expect(audit.items[0]).toMatchObject({ action: "mail.allowed", before: { kind: "bounced" }, note });
  expect(JSON.stringify(audit)).not.toContain(email);
  expect(await refusalOf(allowMail(manager(), personId, { note }))).toMatchObject({ code: "mail.not_stopped" });
  expect(await refusalOf(allowMail(manager(), world.newId("person"), { note }))).toMatchObject({ code: "not_found" });

  const sent = mailsTo(email);
  await Effects.retry(manager(), effect!.id);
  await sweepEffects(world.ctx());
  expect(mailsTo(email)).toBe(sent + 1);
  expect(await skippedOf(personId)).toEqual([]);

  // A notification about what was sent before is told late.
  const late = bounce(email);
  late.mail.timestamp = new Date(world.clock.now().getTime() - 60_000).toISOString();
  await tell(late);
  expect((await Applications.get(manager(), id)).mailTrouble).toBeNull();
});

test("an address that nobody has leaves nothing behind", async () => {
  const before = world.logs.length;
  await tell(bounce("stranger@example.com"), "Successfully validated SNS topic for Amazon SES event publishing.");
  expect(world.logs.slice(before)).toEqual([
    { level: "info", message: "mail.feedback", data: { kind: "bounced", reason: "gone", kept: false } },
  ]);
  await tell("Successfully validated SNS topic for Amazon SES event publishing.");
  expect(world.logs.at(-1)!.message).toBe("mail.feedback_ignored");
});

test("where the table does not answer, the notification fails and has to come again", async () => {
  const { id, email } = await submitted(world);
  const broken = wrapped(world.table, async ({ name }, send) => {
    if (name === "TransactWrite") throw Object.assign(new Error("no"), { code: "ECONNREFUSED" });
    return send();
  });
  const once = notification(bounce(email));
  await expect(createFeedback(runtimeOn(world.runtime, broken))(once)).rejects.toMatchObject({ kind: "unavailable" });
  await createFeedback(world.runtime)(once);
  expect((await Applications.get(manager(), id)).mailTrouble).toMatchObject({ kind: "bounced" });
});

test("an ambassador's page tells it too", async () => {
  const { ambassador } = await import("../../packages/local/testing/checkout.ts");
  const { id, email } = await ambassador(world, "Ama Bassador");
  expect(await Ambassadors.get(manager(), id)).toMatchObject({ mailTrouble: null });
  await tell(complaint(email));
  expect(await Ambassadors.get(manager(), id)).toMatchObject({ mailTrouble: { kind: "complained" } });
});
