import { expect, test } from "vitest";
import { readFeedback } from "./feedback.ts";

const mail = {
  timestamp: "2026-06-14T09:59:58.000Z",
  source: "Northwind <hello@northwind.example>",
  sourceArn: "arn:aws:ses:eu-central-1:111122223333:identity/northwind.example",
  sendingAccountId: "111122223333",
  messageId: "0107019777aa0000-1f2e3d4c-0000-4000-8000-000000000001-000000",
  destination: ["ada@example.com"],
  headersTruncated: false,
  headers: [{ name: "To", value: "ada@example.com" }],
  commonHeaders: { to: ["ada@example.com"], subject: "You earned 12.00 EUR" },
};
const bounce = (more: object = {}, recipient: object = {}) => ({
  bounceType: "Permanent",
  bounceSubType: "General",
  bouncedRecipients: [
    {
      emailAddress: "ada@example.com",
      action: "failed",
      status: "5.1.1",
      diagnosticCode: "smtp; 550 5.1.1 user unknown",
      ...recipient,
    },
  ],
  timestamp: "2026-06-14T10:00:00.123Z",
  feedbackId: "0107019777aa1111-aaaa-000000",
  reportingMTA: "dns; mta.example.com",
  ...more,
});
const complaint = (more: object = {}) => ({
  complainedRecipients: [{ emailAddress: "ada@example.com" }],
  timestamp: "2026-06-14T10:00:00.000Z",
  feedbackId: "0107019777aa2222-bbbb-000000",
  complaintSubType: null,
  userAgent: "ExampleCorp Feedback Loop (V0.01)",
  complaintFeedbackType: "abuse",
  arrivalDate: "2026-06-14T10:00:00.000Z",
  ...more,
});
const read = (told: unknown) => readFeedback(JSON.stringify(told));

test.each(["eventType", "notificationType"])("a bounce for good and a complaint, told as %s", (name) => {
  expect(read({ [name]: "Bounce", bounce: bounce(), mail })).toEqual([
    {
      id: "0107019777aa1111-aaaa-000000",
      kind: "bounced",
      reason: "gone",
      address: "ada@example.com",
      at: "2026-06-14T10:00:00.123Z",
      sentAt: "2026-06-14T09:59:58.000Z",
    },
  ]);
  expect(read({ [name]: "Complaint", complaint: complaint(), mail })).toEqual([
    {
      id: "0107019777aa2222-bbbb-000000",
      kind: "complained",
      reason: "spam",
      address: "ada@example.com",
      at: "2026-06-14T10:00:00.000Z",
      sentAt: "2026-06-14T09:59:58.000Z",
    },
  ]);
});

test.each([
  ["Permanent", "NoEmail", {}, "bounced", "gone"],
  ["Permanent", "Suppressed", {}, "bounced", "suppressed"],
  ["Permanent", "OnAccountSuppressionList", {}, "bounced", "suppressed"],
  ["Permanent", "OfTheFuture", {}, "bounced", "gone"],
  ["Transient", "MailboxFull", { action: undefined }, "returned", "full"],
  ["Transient", "General", {}, "returned", "other"],
  ["Undetermined", "Undetermined", { action: undefined, status: undefined }, "returned", "other"],
])("%s, %s: %j", (bounceType, bounceSubType, recipient, kind, reason) => {
  const told = read({ eventType: "Bounce", bounce: bounce({ bounceType, bounceSubType }, recipient), mail });
  expect(told).toMatchObject([{ kind, reason }]);
});

test("each of several recipients counts, and a display name is none of the address", () => {
  const bouncedRecipients = [
    { emailAddress: "ada@example.com", action: "failed" },
    { emailAddress: '"Bea, B." <Bea@Example.com>', action: "failed" },
    { emailAddress: "nobody" },
    null,
  ];
  const told = read({ eventType: "Bounce", bounce: bounce({ bouncedRecipients }), mail });
  expect(told.map(({ address }) => address)).toEqual(["ada@example.com", "Bea@Example.com"]);
});

test("without an id of its own it has one that is the same each time", () => {
  const told = { eventType: "Bounce", bounce: bounce({ feedbackId: undefined }), mail };
  const [first] = read(told);
  expect(first!.id).toContain(mail.messageId);
  expect(read(told)).toEqual([first]);
});

test.each([
  ["an automatic answer", { eventType: "Bounce", bounce: bounce({ bounceType: "Transient" }, { action: undefined }) }],
  [
    "a mail that is too large",
    { eventType: "Bounce", bounce: bounce({ bounceType: "Transient", bounceSubType: "MessageTooLarge" }) },
  ],
  [
    "a mail whose content is refused",
    { eventType: "Bounce", bounce: bounce({ bounceType: "Transient", bounceSubType: "ContentRejected" }) },
  ],
  [
    "a mail taken out of the spam folder",
    { eventType: "Complaint", complaint: complaint({ complaintFeedbackType: "not-spam" }) },
  ],
  ["a delivery", { eventType: "Delivery", delivery: { recipients: ["ada@example.com"] } }],
  ["a bounce without its part", { eventType: "Bounce" }],
  ["a complaint about nobody", { eventType: "Complaint", complaint: complaint({ complainedRecipients: "ada" }) }],
  [
    "the test of an identity's topic",
    { notificationType: "AmazonSnsSubscriptionSucceeded", message: "You have successfully subscribed" },
  ],
  ["nothing", null],
  ["a list", []],
])("%s concerns no address", (_, told) => {
  expect(read(told && !Array.isArray(told) ? { ...told, mail } : told)).toEqual([]);
});

test("what is no JSON concerns no address either", () => {
  expect(readFeedback("Successfully validated SNS topic for Amazon SES event publishing.")).toEqual([]);
  expect(readFeedback("")).toEqual([]);
});

test("what was sent by nobody knows when has no time", () => {
  const told = read({ eventType: "Complaint", complaint: complaint({ timestamp: "yesterday" }) });
  expect(told).toMatchObject([{ at: undefined, sentAt: undefined }]);
});
