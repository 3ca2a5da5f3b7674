import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { sha256 } from "../kernel/index.ts";
import { findPersonByEmail } from "../person/index.ts";
import { change } from "../program/index.ts";
import type { Item } from "../table/index.ts";
import { submit } from "./apply.ops.ts";
import { approve } from "./approve.ops.ts";
import { confirm, status, tokenOf, withdraw } from "./link.ops.ts";
import { findApplication } from "./load.ts";
import { decline } from "./review.ops.ts";
import { claimOf, confirmed, effectsOf, form, refusalOf, submitted, visitor, warm } from "./testing.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await warm(world.ctx(), 50);
});
afterAll(() => world.close());

const day = 24 * 3600 * 1000;

async function everything(): Promise<Item[]> {
  const items: Item[] = [];
  let after: Item | undefined;
  do {
    const page = await world.table.client.send(
      new ScanCommand({ TableName: world.table.name, ExclusiveStartKey: after }),
    );
    items.push(...(page.Items ?? []));
    after = page.LastEvaluatedKey;
  } while (after);
  return items;
}
const applicationsOf = async (email: string) => {
  const person = await findPersonByEmail(world.ctx(), email);
  return (await everything()).filter(
    (item) => item.pk.startsWith("APP#") && item.personId === person?.profile.personId,
  );
};
const kindsFor = async (id: string) => (await effectsOf(world.ctx(), id)).map((effect) => effect.kind).sort();

describe("submit", () => {
  test("keeps the application, makes the person and asks to confirm by mail", async () => {
    const input = form({ email: "Grace@Example.com", marketingConsent: true });
    expect(await submit(world.ctx(visitor()), input)).toEqual({ status: "check_your_mail" });
    const person = await findPersonByEmail(world.ctx(), " grace@example.COM ");
    expect(person).toMatchObject({
      profile: { name: input.name, email: "Grace@Example.com", country: "DE", marketingConsent: false },
      access: { staffRoles: [], accessVersion: 1 },
    });
    expect(person?.profile.emailConfirmedAt).toBeUndefined();
    const claim = await claimOf(world.ctx(), input.email);
    expect(claim).toMatchObject({ state: "open" });
    expect(await findApplication(world.ctx(), claim!.applicationId)).toMatchObject({
      status: "submitted",
      niche: "Running",
      country: "DE",
      maxFollowers: 1200,
      accepted: { guidelinesVersion: "1", termsVersion: "1", privacyVersion: "1", at: "2026-06-15T10:00:00.000Z" },
      confirmBy: "2026-06-22T10:00:00.000Z",
    });
    expect(await kindsFor(claim!.applicationId)).toEqual(["mail.application_confirm"]);
  });

  test("keeps what is personal in the person's own items alone", async () => {
    await confirmed(world, {
      name: "Zoë Quillfeather",
      email: "zoe.quill@example.net",
      why: "Because of the xylophones.",
    });
    const leaks = (await everything()).filter(
      (item) =>
        !item.pk.startsWith("PERSON#") && /quill|zo[eë]|example\.net|xylophone|@ada\.runs/i.test(JSON.stringify(item)),
    );
    expect(leaks).toEqual([]);
  });

  test.each([
    ["guidelinesVersion", "The guidelines have changed meanwhile."],
    ["termsVersion", "The terms have changed meanwhile."],
    ["privacyVersion", "The privacy policy has changed meanwhile."],
  ] as const)("refuses an old %s, naming it, and writes nothing", async (field, words) => {
    const input = form({ [field]: "0" });
    const refusal = await refusalOf(submit(world.ctx(visitor()), input));
    expect(refusal).toMatchObject({ kind: "invalid", code: "application.outdated_texts", errors: [{ field }] });
    expect(refusal.message).toContain(words);
    expect(await claimOf(world.ctx(), input.email)).toBeUndefined();
    expect(await findPersonByEmail(world.ctx(), input.email)).toBeUndefined();
  });

  test("takes the newest texts though the remembered program is older", async () => {
    const other = await openWorld();
    try {
      const before = await other.ctx().program();
      await change(other.ctx(), {
        version: before.program.version,
        terms: { version: "2", url: "https://example.com/t2" },
      });
      expect((await other.ctx().program()).program.terms.version).toBe("1");
      expect(await submit(other.ctx(visitor()), form({ termsVersion: "2" }))).toEqual({ status: "check_your_mail" });
      const refusal = await refusalOf(submit(other.ctx(visitor()), form({ termsVersion: "3", privacyVersion: "7" })));
      expect(refusal.errors).toEqual([
        { field: "termsVersion", message: "is not the current version" },
        { field: "privacyVersion", message: "is not the current version" },
      ]);
    } finally {
      await other.close();
    }
  });

  test("answers a second application as the first, keeps one and mails the status", async () => {
    const { id, email } = await submitted(world);
    expect(await submit(world.ctx(visitor()), form({ email: email.toUpperCase(), name: "Somebody Else" }))).toEqual({
      status: "check_your_mail",
    });
    expect(await applicationsOf(email)).toHaveLength(1);
    expect(await kindsFor(id)).toEqual(["mail.application_confirm", "mail.application_status"]);
    expect((await findPersonByEmail(world.ctx(), email))?.profile.name).toBe("Ada Lovelace");
  });

  test("two at once for a new address leave one application and one person, and both hear the same", async () => {
    const email = "twins@example.com";
    const answers = await Promise.all([1, 2].map(() => submit(world.ctx(visitor()), form({ email }))));
    expect(answers).toEqual([{ status: "check_your_mail" }, { status: "check_your_mail" }]);
    expect(await applicationsOf(email)).toHaveLength(1);
  });

  test("fifty at once for one address: five are heard, one application is made, the others must wait", async () => {
    const email = "fifty@example.com";
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () =>
        submit(world.ctx(visitor()), form({ email })).then(
          (answer) => answer.status as string,
          (error) => error.kind as string,
        ),
      ),
    );
    expect(outcomes.filter((each) => each === "check_your_mail")).toHaveLength(5);
    expect(outcomes.filter((each) => each === "rate_limited")).toHaveLength(45);
    expect(await applicationsOf(email)).toHaveLength(1);
    expect((await everything()).filter((item) => item.email === email && item.sk === "PROFILE")).toHaveLength(1);
  });

  test("fifty at once by the program itself, which no limit holds, leave one application too", async () => {
    const email = "unlimited@example.com";
    await Promise.all(Array.from({ length: 50 }, () => submit(world.ctx(), form({ email }))));
    const applications = await applicationsOf(email);
    expect(applications).toHaveLength(1);
    const kinds = await kindsFor(applications[0]!.id);
    expect(kinds.filter((kind) => kind === "mail.application_confirm")).toHaveLength(1);
    expect(kinds.filter((kind) => kind === "mail.application_status")).toHaveLength(49);
  });

  test.each(["withdrew", "let the confirmation lapse"])(
    "twenty at once for somebody who %s open one application",
    async (how) => {
      const { id, email, token } = await submitted(world);
      if (how === "withdrew") await withdraw(world.ctx(visitor()), token);
      else world.clock.advance(7 * day);
      await Promise.all(Array.from({ length: 20 }, () => submit(world.ctx(), form({ email }))));
      const applications = (await applicationsOf(email)).filter((each) => each.id !== id);
      expect(applications).toHaveLength(1);
      expect((await claimOf(world.ctx(), email))?.applicationId).toBe(applications[0]!.id);
    },
  );

  test("takes 30 an hour of one network and says when the next is welcome", async () => {
    const other = await openWorld({ now: "2026-06-15T10:20:00.000Z" });
    try {
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, () =>
          submit(other.ctx(visitor("198.51.100.7")), form()).then(
            () => "taken",
            (error) => [error.kind, error.retryAfterMs].join(" "),
          ),
        ),
      );
      expect(outcomes.filter((each) => each === "taken")).toHaveLength(30);
      expect(outcomes.filter((each) => each === "rate_limited 2400000")).toHaveLength(10);
      other.clock.advance(2_400_000);
      expect(await submit(other.ctx(visitor("198.51.100.7")), form())).toEqual({ status: "check_your_mail" });
    } finally {
      await other.close();
    }
  });

  test("an unconfirmed application never changes the profile of a person who is known", async () => {
    const first = await confirmed(world, { name: "Real Name", marketingConsent: true });
    await withdraw(world.ctx(visitor()), first.token);
    const second = await submitted(world, { email: first.email, name: "Forged Name", country: "FR" });
    expect(second.id).not.toBe(first.id);
    const before = await findPersonByEmail(world.ctx(), first.email);
    expect(before?.profile).toMatchObject({ name: "Real Name", country: "DE", marketingConsent: true });
    await confirm(world.ctx(visitor()), second.token);
    const after = await findPersonByEmail(world.ctx(), first.email);
    expect(after?.profile).toMatchObject({ name: "Forged Name", country: "FR", marketingConsent: false });
    expect(after?.profile.emailConfirmedAt).toBe(before?.profile.emailConfirmedAt);
  });

  test("after a decline it waits for the day on which a new application is welcome, in the program's time zone", async () => {
    const other = await openWorld({ now: "2026-06-15T22:30:00.000Z" });
    try {
      // In Berlin it is the 16th already.
      const { id, email, token } = await confirmed(other);
      await decline(other.ctx(other.staff("manager")), id, {
        reason: "program_full",
        reapply: { policy: "after_days", days: 10 },
      });
      expect((await status(other.ctx(visitor()), token)).decision).toMatchObject({
        outcome: "declined",
        reason: "program_full",
        reasonText: "All places are taken at the moment",
        reapply: "after_days",
        reapplyOn: "2026-06-26",
      });
      other.clock.set("2026-06-25T21:59:00.000Z");
      await submit(other.ctx(visitor()), form({ email }));
      expect((await claimOf(other.ctx(), email))?.applicationId).toBe(id);
      other.clock.set("2026-06-25T22:00:00.000Z");
      await submit(other.ctx(visitor()), form({ email }));
      expect((await claimOf(other.ctx(), email))?.applicationId).not.toBe(id);
    } finally {
      await other.close();
    }
  });

  test("after a decline for good it stays with the mail, and after one for now it goes on at once", async () => {
    const never = await confirmed(world);
    await decline(world.ctx(world.staff("owner")), never.id, {
      reason: "conduct_concern",
      reapply: { policy: "never" },
    });
    world.clock.advance(1000 * day);
    await submit(world.ctx(visitor()), form({ email: never.email }));
    expect((await claimOf(world.ctx(), never.email))?.applicationId).toBe(never.id);
    expect(await kindsFor(never.id)).toContain("mail.application_status");

    const now = await confirmed(world);
    await decline(world.ctx(world.staff("owner")), now.id, { reason: "other", reapply: { policy: "now" } });
    await submit(world.ctx(visitor()), form({ email: now.email }));
    expect((await claimOf(world.ctx(), now.email))?.applicationId).not.toBe(now.id);
  });

  test("an ambassador who applies gets the mail with the status and nothing else changes", async () => {
    const { id, email } = await confirmed(world);
    await approve(world.ctx(world.staff("manager")), id);
    expect(await submit(world.ctx(visitor()), form({ email }))).toEqual({ status: "check_your_mail" });
    expect(await applicationsOf(email)).toHaveLength(1);
    expect(await kindsFor(id)).toContain("mail.application_status");
  });

  test("the same Idempotency-Key is heard once, and another body under it is refused", async () => {
    const input = form();
    const ctx = (body: string) =>
      world.ctx(visitor("203.0.113.9"), { idempotency: { key: sha256("submit once"), bodyHash: sha256(body) } });
    await submit(ctx("a"), input);
    await submit(ctx("a"), input);
    const claim = await claimOf(world.ctx(), input.email);
    expect(await kindsFor(claim!.applicationId)).toEqual(["mail.application_confirm"]);
    expect(await refusalOf(submit(ctx("b"), input))).toMatchObject({
      kind: "rejected",
      code: "idempotency.other_body",
    });
  });

  test("a seed that is silent intends no mail", async () => {
    const input = form();
    const silent = () => world.ctx({ kind: "system", name: "seed" }, { silent: true });
    await submit(silent(), input);
    await submit(silent(), input);
    expect(await kindsFor((await claimOf(world.ctx(), input.email))!.applicationId)).toEqual([]);
  });
});

describe("the link", () => {
  test("shows the status and keeps note, name and marketer to the team", async () => {
    const { id, token } = await confirmed(world, { name: "Ida Hidden" });
    await decline(world.ctx(world.staff("manager")), id, {
      reason: "too_few_details",
      note: "a secret note",
      reapply: { policy: "never" },
    });
    const view = await status(world.ctx(visitor()), token);
    expect(view).toEqual({
      id,
      status: "declined",
      submittedAt: expect.any(String),
      confirmedAt: expect.any(String),
      decision: {
        outcome: "declined",
        decidedAt: expect.any(String),
        reason: "too_few_details",
        reasonText: "There was too little in the application for us to decide",
        reapply: "never",
        reapplyOn: null,
      },
      canWithdraw: false,
    });
  });

  test("confirms once and for all: the application joins the queue and the profile follows", async () => {
    const { token, email } = await submitted(world, { marketingConsent: true });
    const first = await confirm(world.ctx(visitor()), token);
    expect(first).toMatchObject({
      status: "confirmed",
      confirmedAt: world.clock.now().toISOString(),
      canWithdraw: true,
    });
    expect((await findPersonByEmail(world.ctx(), email))?.profile).toMatchObject({
      emailConfirmedAt: first.confirmedAt,
      marketingConsent: true,
      marketingConsentAt: first.confirmedAt,
    });
    world.clock.advance(30 * day);
    expect(await confirm(world.ctx(visitor()), token)).toEqual(first);
  });

  test("twenty confirmations at once are one", async () => {
    const { token, email } = await submitted(world);
    const views = await Promise.all(Array.from({ length: 20 }, () => confirm(world.ctx(visitor()), token)));
    expect(new Set(views.map((view) => JSON.stringify(view))).size).toBe(1);
    expect((await findPersonByEmail(world.ctx(), email))?.profile.version).toBe(2);
  });

  test("confirms until 7 days are over, and then the address is free again", async () => {
    const late = await submitted(world);
    const inTime = await submitted(world);
    world.clock.advance(7 * day - 1);
    expect(await confirm(world.ctx(visitor()), inTime.token)).toMatchObject({ status: "confirmed" });
    await submit(world.ctx(visitor()), form({ email: late.email }));
    expect((await claimOf(world.ctx(), late.email))?.applicationId).toBe(late.id);
    world.clock.advance(1);
    expect(await refusalOf(confirm(world.ctx(visitor()), late.token))).toMatchObject({
      kind: "conflict",
      code: "application.expired",
      message: expect.stringContaining("apply again"),
    });
    await submit(world.ctx(visitor()), form({ email: late.email }));
    const next = (await claimOf(world.ctx(), late.email))!;
    expect(next.applicationId).not.toBe(late.id);
    // The old link neither confirms nor frees what is not its own.
    expect(await refusalOf(confirm(world.ctx(visitor()), late.token))).toMatchObject({ code: "application.expired" });
    await withdraw(world.ctx(visitor()), late.token);
    expect(await claimOf(world.ctx(), late.email)).toEqual(next);
    expect(await confirm(world.ctx(visitor()), tokenOf(world.ctx(), next.applicationId))).toMatchObject({
      status: "confirmed",
    });
  });

  test("withdraws while nothing final was decided, again and again, and frees the address", async () => {
    const { id, token, email } = await confirmed(world);
    expect(await withdraw(world.ctx(visitor()), token)).toMatchObject({ status: "withdrawn", canWithdraw: false });
    expect(await withdraw(world.ctx(visitor()), token)).toMatchObject({ status: "withdrawn" });
    expect(await refusalOf(confirm(world.ctx(visitor()), token))).toMatchObject({
      kind: "conflict",
      code: "application.withdrawn",
    });
    await submit(world.ctx(visitor()), form({ email }));
    expect((await claimOf(world.ctx(), email))?.applicationId).not.toBe(id);
  });

  test("does not withdraw what was approved or declined", async () => {
    const approved = await confirmed(world);
    await approve(world.ctx(world.staff("manager")), approved.id);
    const declined = await confirmed(world);
    await decline(world.ctx(world.staff("manager")), declined.id, { reason: "other", reapply: { policy: "now" } });
    for (const { token } of [approved, declined])
      expect(await refusalOf(withdraw(world.ctx(visitor()), token))).toMatchObject({
        kind: "conflict",
        code: "application.already_decided",
      });
  });

  test("confirming and withdrawing at once leave one of both, whole", async () => {
    for (let round = 0; round < 5; round++) {
      const { id, token, email } = await submitted(world);
      await Promise.allSettled([confirm(world.ctx(visitor()), token), withdraw(world.ctx(visitor()), token)]);
      expect((await findApplication(world.ctx(), id))?.status).toBe("withdrawn");
      expect((await claimOf(world.ctx(), email))?.state).toBe("closed");
    }
  });

  test.each([
    ["nothing of ours", "rubbish"],
    ["an id without its signature", "app_01jd0000000000000000000000"],
    ["a signature that is cut", (token: string) => token.slice(0, -2)],
    ["another application's signature", (token: string) => `app_01jd0000000000000000000000.${token.split(".")[1]}`],
    ["a key of the table", "PROGRAM.PROGRAM"],
  ])("refuses %s in one way for all", async (_, forged) => {
    const { token } = await submitted(world);
    const bad = typeof forged === "string" ? forged : forged(token);
    for (const use of [status, confirm, withdraw])
      expect(await refusalOf(use(world.ctx(visitor()), bad))).toEqual({
        kind: "invalid",
        code: "link.invalid",
        message: "This link is not valid. Open the newest mail from us and use the link in it.",
        errors: [{ field: "token", message: "is not valid" }],
        retryAfterMs: undefined,
      });
    const gone = tokenOf(world.ctx(), world.newId("application"));
    expect(await refusalOf(status(world.ctx(visitor()), gone))).toMatchObject({ code: "link.invalid" });
  });
});
