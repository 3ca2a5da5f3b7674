import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import startInbox from "aws-ses-v2-local";
import { describe, expect, test } from "vitest";
import { createMailGateway } from "./index.ts";
import { mailGatewaySuite, type ReceivedMail } from "./port.suite.ts";

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
const portOf = (server: Server) => (server.address() as AddressInfo).port;

/** The inbox is CommonJS; Node and the bundler disagree on what its default import is. */
const inbox = ("default" in startInbox ? startInbox.default : startInbox) as unknown as (config: {
  host: string;
  port: number;
}) => Promise<Server>;

interface StoredMail {
  from: string;
  replyTo: string[];
  destination: { to: string[]; cc: string[]; bcc: string[] };
  subject: string;
  body: { html: string; text: string };
}

mailGatewaySuite("SES", async () => {
  const server = await inbox({ host: "127.0.0.1", port: 0 });
  const endpoint = `http://127.0.0.1:${portOf(server)}`;
  return {
    gateway: createMailGateway({ from: "laurel@example.com", endpoint }),
    close: () => close(server),
    received: async () => {
      const { emails } = (await (await fetch(`${endpoint}/store`)).json()) as { emails: StoredMail[] };
      return emails.map(
        ({ from, replyTo, destination: { to, cc, bcc }, subject, body }): ReceivedMail => ({
          from,
          to: [...to, ...cc, ...bcc],
          replyTo,
          subject,
          ...body,
        }),
      );
    },
  };
});

/** A mail service that always gives the same answer, and counts how often it was asked. */
async function answering(status: number, name: string, message: string) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    request.resume().on("end", () => {
      response
        .writeHead(status, { "content-type": "application/json", "x-amzn-errortype": name })
        .end(JSON.stringify({ message }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    asked,
    server,
    gateway: createMailGateway({ from: "laurel@example.com", endpoint: `http://127.0.0.1:${portOf(server)}` }),
  };
}

describe("what SES says no to", () => {
  const mail = {
    to: "ada@example.com",
    fromName: "Northwind",
    replyTo: null,
    subject: "Hello",
    html: "<p>Hello</p>",
    text: "Hello",
  };

  test.each([
    [400, "MessageRejected", "rejected"],
    [400, "BadRequestException", "rejected"],
    [400, "SendingPausedException", "unavailable"],
    [400, "AccountSuspendedException", "unavailable"],
    [400, "MailFromDomainNotVerifiedException", "unavailable"],
    [400, "LimitExceededException", "unavailable"],
    [404, "NotFoundException", "unavailable"],
    [429, "TooManyRequestsException", "unavailable"],
    [403, "AccessDeniedException", "unavailable"],
    [500, "InternalServiceError", "unavailable"],
    [503, "ServiceUnavailable", "unavailable"],
  ])("%i %s is %s", async (status, name, kind) => {
    const { server, gateway } = await answering(status, name, "Email address is not verified: ada@example.com");
    try {
      const error = await gateway.send(mail).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: "AppError", kind });
      expect(JSON.stringify([(error as Error).message, (error as Error).cause])).not.toContain("ada@");
    } finally {
      await close(server);
    }
  });

  test("a refusal for good is asked once", async () => {
    const { server, gateway, asked } = await answering(400, "MessageRejected", "Bad content");
    try {
      await expect(gateway.send(mail)).rejects.toMatchObject({
        message: "The mail service refused this mail: Bad content",
      });
      expect(asked).toEqual(["/v2/email/outbound-emails"]);
    } finally {
      await close(server);
    }
  });

  test("nobody there is unavailable", async () => {
    const { server, gateway } = await answering(500, "Gone", "");
    await close(server);
    await expect(gateway.send(mail)).rejects.toMatchObject({ kind: "unavailable", code: "mail.unavailable" });
  });

  test("a sender that is not one plain address is found at once", () => {
    for (const from of ["", "Laurel <laurel@example.com>", "a@b.com,c@d.com", "a@b.com\r\nBcc: c@d.com"])
      expect(() => createMailGateway({ from })).toThrow("MAIL_FROM");
  });
});
