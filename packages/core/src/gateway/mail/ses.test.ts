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
    gateway: createMailGateway({ from: "laurel@example.com", endpoint, configurationSet: "laurel-test" }),
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

/** A mail service that answers by path, and keeps what it was asked. */
async function speaking(answers: Record<string, [status: number, body: unknown]>) {
  const asked: { method: string; path: string; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    const path = decodeURIComponent(request.url ?? "");
    request.on("data", (part) => {
      body += part;
    });
    request.on("end", () => {
      asked.push({ method: request.method!, path, body });
      const [status, answer] = answers[path] ?? [404, { message: "It does not exist" }];
      const type: Record<string, string> = status === 404 ? { "x-amzn-errortype": "NotFoundException" } : {};
      response.writeHead(status, { "content-type": "application/json", ...type }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${portOf(server)}`;
  return {
    asked,
    close: () => close(server),
    gateway: createMailGateway({ from: "hello@news.example.com", endpoint, configurationSet: "laurel-prod" }),
  };
}

const account = (more: object = {}) => ({
  ProductionAccessEnabled: false,
  SendingEnabled: true,
  EnforcementStatus: "HEALTHY",
  SendQuota: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 0 },
  ...more,
});
const identity = (verified: boolean, dkim = verified ? "SUCCESS" : "PENDING") => ({
  IdentityType: "DOMAIN",
  VerifiedForSendingStatus: verified,
  DkimAttributes: { SigningEnabled: true, Status: dkim },
});

describe("what SES says of itself", () => {
  test("a new account: in the sandbox, and its domain waits for the records", async () => {
    const ses = await speaking({
      "/v2/email/account": [200, account()],
      "/v2/email/identities/news.example.com": [200, identity(false)],
    });
    expect(await ses.gateway.state()).toEqual({
      kind: "ses",
      production: false,
      review: undefined,
      sending: true,
      region: "local",
      sender: { identity: "news.example.com", verified: false, dkim: false },
    });
    await ses.close();
  });

  test("out of the sandbox, with an address verified instead of its domain", async () => {
    const ses = await speaking({
      "/v2/email/account": [
        200,
        account({ ProductionAccessEnabled: true, Details: { ReviewDetails: { Status: "GRANTED", CaseId: "1" } } }),
      ],
      "/v2/email/identities/hello@news.example.com": [200, identity(true, "NOT_STARTED")],
    });
    expect(await ses.gateway.state()).toMatchObject({
      production: true,
      review: "granted",
      sender: { identity: "hello@news.example.com", verified: true, dkim: false },
    });
    await ses.close();
  });

  test("a sender that it does not know is not verified; a service that stopped sending says so", async () => {
    const ses = await speaking({ "/v2/email/account": [200, account({ SendingEnabled: false })] });
    expect(await ses.gateway.state()).toMatchObject({
      sending: false,
      sender: { identity: "news.example.com", verified: false, dkim: false },
    });
    await ses.close();
  });

  test.each([
    [403, "It says that this function may not ask it."],
    [500, "could not be asked"],
  ])("%i is unavailable, with the reason", async (status, words) => {
    const ses = await speaking({ "/v2/email/account": [status, { message: "no" }] });
    const error = await ses.gateway.state().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: "AppError", kind: "unavailable", message: expect.stringContaining(words) });
    await ses.close();
  });

  test("the inbox of this machine is none of SES's accounts and has no list", async () => {
    const server = await inbox({ host: "127.0.0.1", port: 0 });
    const gateway = createMailGateway({ from: "a@example.com", endpoint: `http://127.0.0.1:${portOf(server)}` });
    expect(await gateway.state()).toEqual({ kind: "local" });
    await gateway.allow("ada@example.com");
    await close(server);
  });
});

test("mail carries the configuration set, by whose events bounces are told", async () => {
  const ses = await speaking({ "/v2/email/outbound-emails": [200, { MessageId: "m1" }] });
  await ses.gateway.send({
    to: "ada@example.com",
    fromName: "Northwind",
    replyTo: null,
    subject: "Hello",
    html: "<p>Hello</p>",
    text: "Hello",
  });
  expect(JSON.parse(ses.asked[0]!.body)).toMatchObject({ ConfigurationSetName: "laurel-prod" });
  await ses.close();
});

test("an address is taken from SES's own list; that it was not on it is fine", async () => {
  const path = "/v2/email/suppression/addresses/ada@example.com";
  const ses = await speaking({ [path]: [200, {}] });
  await ses.gateway.allow("ada@example.com");
  await ses.gateway.allow("bea@example.com");
  expect(ses.asked.map((each) => `${each.method} ${each.path}`)).toEqual([
    `DELETE ${path}`,
    "DELETE /v2/email/suppression/addresses/bea@example.com",
  ]);
  await ses.close();
  await expect(ses.gateway.allow("ada@example.com")).rejects.toMatchObject({ kind: "unavailable" });
});
