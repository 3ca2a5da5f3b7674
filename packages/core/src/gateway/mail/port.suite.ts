import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MailGateway, OutgoingMail } from "./port.ts";

/** What arrived at the other end, however the gateway got it there. */
export interface ReceivedMail {
  from: string;
  to: string[];
  replyTo: string[];
  subject: string;
  html: string;
  text: string;
}

export interface MailEnd {
  gateway: MailGateway;
  received(): Promise<ReceivedMail[]>;
  close(): Promise<void>;
}

const mail = (more: Partial<OutgoingMail> = {}): OutgoingMail => ({
  to: "ada@example.com",
  fromName: "Northwind",
  replyTo: null,
  subject: "Hello",
  html: "<p>Hello</p>",
  text: "Hello",
  ...more,
});

/** What every mail gateway must do. Run it against each: the real client, a stand-in, a recorder. */
export function mailGatewaySuite(name: string, open: () => Promise<MailEnd>): void {
  describe(`${name} as a mail gateway`, () => {
    let end: MailEnd;
    beforeAll(async () => {
      end = await open();
    });
    afterAll(() => end?.close());
    const last = async () => (await end.received()).at(-1)!;

    test("delivers subject, both parts and the reply address unchanged, to one person", async () => {
      const subject = "Schön, dass du da bist – 你好 🎉";
      const { messageId } = await end.gateway.send(
        mail({
          subject,
          html: "<p>Grüße 🎉 &amp; مرحبا</p>",
          text: "Grüße 🎉 & مرحبا\nhttps://example.com/#token=a.b_c-d",
          replyTo: "help@example.com",
        }),
      );
      expect(messageId).not.toBe("");
      expect(await last()).toMatchObject({
        to: ["ada@example.com"],
        replyTo: ["help@example.com"],
        subject,
        html: "<p>Grüße 🎉 &amp; مرحبا</p>",
        text: "Grüße 🎉 & مرحبا\nhttps://example.com/#token=a.b_c-d",
      });
    });

    test("has no reply address where the program has none", async () => {
      await end.gateway.send(mail());
      expect((await last()).replyTo).toEqual([]);
    });

    test("gives every mail an id of its own", async () => {
      const sent = await Promise.all([1, 2, 3].map(() => end.gateway.send(mail())));
      expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(3);
    });

    test("a subject or a sender's name with line breaks stays one header", async () => {
      await end.gateway.send(
        mail({ subject: "Hi\r\nBcc: eve@example.com", fromName: 'Eve" <eve@example.com>,\r\nBcc: x' }),
      );
      const { subject, from, to } = await last();
      expect(subject).not.toMatch(/[\r\n]/);
      expect(from).not.toMatch(/[\r\n]/);
      expect(to).toEqual(["ada@example.com"]);
    });

    test.each([
      "",
      "nobody",
      "a@b@c",
      "a@example.com, b@example.com",
      "a@example.com\r\nBcc: b@example.com",
      "Ada <ada@example.com>",
      "ada@exa mple.com",
      `${"a".repeat(65)}@example.com`,
    ])("refuses %j for good, and sends nothing", async (to) => {
      const before = (await end.received()).length;
      await expect(end.gateway.send(mail({ to }))).rejects.toMatchObject({ name: "AppError", kind: "rejected" });
      expect((await end.received()).length).toBe(before);
    });
  });
}
