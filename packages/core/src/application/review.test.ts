import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { list as listAudit } from "../audit/index.ts";
import { type Actor, sha256 } from "../kernel/index.ts";
import { createStaff, findPersonByEmail } from "../person/index.ts";
import { change } from "../program/index.ts";
import { approve } from "./approve.ops.ts";
import { confirm, status, withdraw } from "./link.ops.ts";
import { findApplication } from "./load.ts";
import { type ApplicationFilter, decline, get, list, waitlist } from "./review.ops.ts";
import { claimOf, confirmed, effectsOf, refusalOf, submitted, visitor, warm } from "./testing.ts";

let world: World;
let manager: Actor;
beforeAll(async () => {
  world = await openWorld();
  await warm(world.ctx());
  const personId = await createStaff(world.ctx(), {
    email: "mia@example.com",
    name: "Mia Manager",
    roles: ["manager"],
  });
  manager = { kind: "person", personId, roles: ["manager"], ambassadorId: null, network: "unknown" };
});
afterAll(() => world.close());

const why = { reason: "other", reapply: { policy: "after_days", days: 90 } } as const;
const idsOf = async (filter: Partial<ApplicationFilter>, on = world) =>
  (await list(on.ctx(on.staff("viewer")), { status: "confirmed", ...filter })).items.map((each) => each.id);

describe("the queue", () => {
  let other: World;
  const ids: string[] = [];
  beforeAll(async () => {
    other = await openWorld();
    const of = (niche: string, country: string, followers: number) =>
      confirmed(other, { niche, country, channels: [{ kind: "tiktok", handle: "@x", followers }] });
    for (const [niche, country, followers] of [
      ["Running", "DE", 100],
      ["running", "FR", 5000],
      ["Cycling", "DE", 9000],
      ["Ölmalerei", "DE", 20],
    ] as const) {
      ids.push((await of(niche, country, followers)).id);
      other.clock.advance(1000);
    }
    await submitted(other, { niche: "Running" });
  });
  afterAll(() => other.close());

  test("shows confirmed applications, newest first, with all that is needed to decide", async () => {
    expect(await idsOf({}, other)).toEqual([...ids].reverse());
    const [newest] = (await list(other.ctx(other.staff("viewer")), { status: "confirmed" })).items;
    expect(newest).toEqual({
      id: ids[3],
      status: "confirmed",
      name: "Ada Lovelace",
      email: expect.stringMatching(/^applicant\d+@example\.com$/),
      country: "DE",
      channels: [{ kind: "tiktok", handle: "@x", followers: 20 }],
      maxFollowers: 20,
      niche: "Ölmalerei",
      why: "I have run in your shoes for two years.",
      answers: [],
      marketingConsent: false,
      accepted: { guidelinesVersion: "1", termsVersion: "1", privacyVersion: "1", at: expect.any(String) },
      submittedAt: expect.any(String),
      confirmedAt: expect.any(String),
      decision: null,
      ambassadorId: null,
      undoForMs: null,
      mailTrouble: null,
    });
    expect(await get(other.ctx(other.staff("viewer")), ids[3]!)).toEqual(newest);
  });

  test.each([
    ["niche in any case", { niche: "RUNNING" }, [1, 0]],
    ["niche beyond ASCII", { niche: "ölmalerei" }, [3]],
    ["country", { country: "DE" }, [3, 2, 0]],
    ["followers, inclusive", { minFollowers: 5000 }, [2, 1]],
    ["all of them together", { niche: "running", country: "DE", minFollowers: 100 }, [0]],
    ["what nobody has", { niche: "Chess" }, []],
  ])("filters by %s", async (_, filter, expected) => {
    expect(await idsOf(filter, other)).toEqual(expected.map((at) => ids[at]));
  });

  test("filters by status", async () => {
    expect(await idsOf({ status: "submitted" }, other)).toHaveLength(1);
    expect(await idsOf({ status: "waitlisted" }, other)).toEqual([]);
  });

  test("pages through without losing or repeating any, filters on", async () => {
    const third = await openWorld();
    try {
      const wanted: string[] = [];
      for (let at = 0; at < 54; at++) {
        const { id } = await confirmed(third, { niche: at % 2 ? "Running" : "Cycling" });
        if (at % 2) wanted.unshift(id);
        third.clock.advance(1000);
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      let pages = 0;
      do {
        const page = await list(third.ctx(third.staff("viewer")), { status: "confirmed", niche: "running", cursor });
        expect(page.items.length).toBeLessThanOrEqual(25);
        seen.push(...page.items.map((each) => each.id));
        cursor = page.cursor ?? undefined;
        pages++;
      } while (cursor);
      expect(seen).toEqual(wanted);
      expect(pages).toBe(2);
      const of = (status: ApplicationFilter["status"], cursor: string) =>
        list(third.ctx(third.staff("viewer")), { status, cursor });
      const { cursor: mine } = await list(third.ctx(third.staff("viewer")), { status: "confirmed" });
      for (const attempt of [of("confirmed", "rubbish"), of("declined", mine!)])
        expect(await refusalOf(attempt)).toMatchObject({ kind: "invalid", errors: [{ field: "cursor" }] });
    } finally {
      await third.close();
    }
  });

  test("is for staff, and what does not exist is not found", async () => {
    const ambassador: Actor = { ...world.staff("viewer"), roles: ["ambassador"] };
    for (const read of [
      (actor: Actor) => list(world.ctx(actor), { status: "confirmed" }),
      (actor: Actor) => get(world.ctx(actor), world.newId("application")),
    ]) {
      expect(await refusalOf(read(visitor()))).toMatchObject({ kind: "unauthenticated" });
      expect(await refusalOf(read(ambassador))).toMatchObject({ kind: "forbidden" });
    }
    expect(await refusalOf(get(world.ctx(world.staff("viewer")), world.newId("application")))).toMatchObject({
      kind: "not_found",
    });
  });
});

describe("waitlist and decline", () => {
  test("a decline keeps who, when, why and for how long, tells the applicant and leaves its line in the audit log", async () => {
    const { id, email } = await confirmed(world);
    const reapply = { policy: "after_days", days: 30 } as const;
    const declined = await decline(world.ctx(manager), id, {
      reason: "program_full",
      note: "Lovely, though.",
      reapply,
    });
    expect(declined).toMatchObject({
      status: "declined",
      decision: {
        outcome: "declined",
        decidedAt: world.clock.now().toISOString(),
        decidedBy: (manager as { personId: string }).personId,
        decidedByName: "Mia Manager",
        reason: "program_full",
        note: "Lovely, though.",
        reapply,
      },
    });
    expect(await get(world.ctx(manager), id)).toEqual(declined);
    expect(await idsOf({ status: "declined" })).toContain(id);
    expect(await idsOf({})).not.toContain(id);
    expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "closed", reapplyOn: "2026-07-15" });
    expect((await effectsOf(world.ctx(), id)).map((effect) => effect.kind)).toContain("mail.application_decided");
    const { items } = await listAudit(world.ctx(manager), { subject: id });
    expect(items).toMatchObject([
      {
        action: "application.declined",
        subject: id,
        actor: { kind: "person", name: "Mia Manager" },
        before: { status: "confirmed" },
        after: { status: "declined", reason: "program_full", reapply, reapplyOn: "2026-07-15" },
        note: null,
      },
    ]);
    expect(JSON.stringify(items)).not.toContain("Lovely");
  });

  test("the waiting list keeps the address busy and can be declined or approved later", async () => {
    const { id, email } = await confirmed(world);
    expect(await waitlist(world.ctx(manager), id, { note: "In autumn" })).toMatchObject({
      status: "waitlisted",
      decision: { outcome: "waitlisted", note: "In autumn", reason: null, reapply: null },
    });
    expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "open", applicationId: id });
    expect(await refusalOf(waitlist(world.ctx(manager), id, {}))).toMatchObject({
      kind: "conflict",
      code: "application.already_decided",
      message: "This application was already put on the waiting list. Reload it to see the decision.",
    });
    expect(await decline(world.ctx(manager), id, why)).toMatchObject({ status: "declined" });

    const second = await confirmed(world);
    await waitlist(world.ctx(manager), second.id, {});
    expect((await approve(world.ctx(manager), second.id)).ambassador.status).toBe("active");
  });

  test.each(["declined", "approved"] as const)("what was %s is decided", async (outcome) => {
    const { id } = await confirmed(world);
    await (outcome === "declined" ? decline(world.ctx(manager), id, why) : approve(world.ctx(manager), id));
    for (const again of [
      () => decline(world.ctx(manager), id, why),
      () => waitlist(world.ctx(manager), id, {}),
      () => approve(world.ctx(manager), id),
    ])
      expect(await refusalOf(again())).toMatchObject({
        kind: "conflict",
        code: "application.already_decided",
        message: expect.stringContaining(`was already ${outcome}`),
      });
  });

  test("what is not confirmed or was withdrawn is not decided", async () => {
    const unconfirmed = await submitted(world);
    const withdrawn = await confirmed(world);
    await withdraw(world.ctx(visitor()), withdrawn.token);
    for (const [{ id }, code] of [
      [unconfirmed, "application.not_confirmed"],
      [withdrawn, "application.withdrawn"],
    ] as const)
      for (const decide of [
        () => decline(world.ctx(manager), id, why),
        () => waitlist(world.ctx(manager), id, {}),
        () => approve(world.ctx(manager), id),
      ])
        expect(await refusalOf(decide())).toMatchObject({ kind: "conflict", code });
  });

  test("nobody decides about their own application", async () => {
    const { id, email } = await confirmed(world);
    const person = (await findPersonByEmail(world.ctx(), email))!;
    const self: Actor = {
      kind: "person",
      personId: person.profile.personId as never,
      roles: ["owner"],
      ambassadorId: null,
      network: "unknown",
    };
    for (const decide of [
      () => decline(world.ctx(self), id, why),
      () => waitlist(world.ctx(self), id, {}),
      () => approve(world.ctx(self), id),
    ])
      expect(await refusalOf(decide())).toMatchObject({ kind: "rejected", code: "application.own" });
    expect((await findApplication(world.ctx(), id))?.status).toBe("confirmed");
  });

  test("finance, viewers, ambassadors and strangers do not decide; a missing one is not found", async () => {
    const { id } = await confirmed(world);
    const decide = (actor: Actor, which: string) => [
      () => decline(world.ctx(actor), which, why),
      () => waitlist(world.ctx(actor), which, {}),
      () => approve(world.ctx(actor), which),
    ];
    const ambassador: Actor = { ...world.staff("viewer"), roles: ["ambassador"] };
    for (const actor of [world.staff("finance"), world.staff("viewer"), ambassador])
      for (const attempt of decide(actor, id)) expect(await refusalOf(attempt())).toMatchObject({ kind: "forbidden" });
    for (const attempt of decide(visitor(), id))
      expect(await refusalOf(attempt())).toMatchObject({ kind: "unauthenticated" });
    for (const attempt of decide(manager, world.newId("application")))
      expect(await refusalOf(attempt())).toMatchObject({ kind: "not_found" });
    expect((await findApplication(world.ctx(), id))?.version).toBe(2);
  });

  test("of marketers who decide at once one wins, and the others are told what was decided", async () => {
    const words = { approved: "approved", declined: "declined", waitlisted: "put on the waiting list" } as const;
    for (let round = 0; round < 6; round++) {
      const { id } = await confirmed(world);
      const outcomes = await Promise.allSettled([
        approve(world.ctx(world.staff("manager")), id),
        decline(world.ctx(world.staff("manager")), id, why),
        waitlist(world.ctx(world.staff("owner")), id, {}),
      ]);
      const application = (await findApplication(world.ctx(), id))!;
      // Someone who reads after a waiting-list decision may still approve or decline: that is no race.
      const winners = outcomes.filter((each) => each.status === "fulfilled").length;
      expect(winners).toBe(application.version - 2);
      for (const each of outcomes)
        if (each.status === "rejected")
          expect(each.reason).toMatchObject({ kind: "conflict", code: "application.already_decided" });
      const last = application.status as keyof typeof words;
      if (winners === 1)
        for (const each of outcomes)
          if (each.status === "rejected") expect(each.reason.message).toContain(`already ${words[last]}`);
      const { items } = await listAudit(world.ctx(manager), { subject: id });
      expect(items).toHaveLength(winners);
      const decided = (await effectsOf(world.ctx(), id)).filter((effect) => effect.kind === "mail.application_decided");
      expect(decided).toHaveLength(winners);
    }
  });

  test("of two who decline at once exactly one wins", async () => {
    const { id } = await confirmed(world);
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, () => decline(world.ctx(world.staff("manager")), id, why)),
    );
    expect(outcomes.filter((each) => each.status === "fulfilled")).toHaveLength(1);
    expect((await findApplication(world.ctx(), id))?.version).toBe(3);
  });

  test("a decision and a withdrawal at once never both hold", async () => {
    for (let round = 0; round < 5; round++) {
      const { id, token } = await confirmed(world);
      const [decided, withdrawn] = await Promise.allSettled([
        decline(world.ctx(manager), id, why),
        withdraw(world.ctx(visitor()), token),
      ]);
      expect([decided.status, withdrawn.status].sort()).toEqual(["fulfilled", "rejected"]);
      expect((await findApplication(world.ctx(), id))?.status).toBe(
        decided.status === "fulfilled" ? "declined" : "withdrawn",
      );
    }
  });

  test("the same Idempotency-Key gives the same answer and decides once", async () => {
    const { id } = await confirmed(world);
    const ctx = (body = "a") =>
      world.ctx(manager, { idempotency: { key: sha256(`decline ${id}`), bodyHash: sha256(body) } });
    const first = await decline(ctx(), id, why);
    expect(await decline(ctx(), id, why)).toEqual(first);
    expect(await refusalOf(decline(ctx("b"), id, why))).toMatchObject({ code: "idempotency.other_body" });
    expect((await listAudit(world.ctx(manager), { subject: id })).items).toHaveLength(1);
  });

  test("the day to apply again stays as decided when the program's time zone changes", async () => {
    const other = await openWorld({ now: "2026-06-15T22:30:00.000Z", programMaxAgeMs: 0 });
    try {
      const { id, email, token } = await confirmed(other);
      await decline(other.ctx(other.staff("manager")), id, {
        reason: "other",
        reapply: { policy: "after_days", days: 1 },
      });
      await change(other.ctx(), { version: 1, timeZone: "America/Los_Angeles" });
      expect((await status(other.ctx(visitor()), token)).decision?.reapplyOn).toBe("2026-06-17");
      expect((await claimOf(other.ctx(), email))?.reapplyOn).toBe("2026-06-17");
    } finally {
      await other.close();
    }
  });

  test("confirming does not undo a decision", async () => {
    const { id, token } = await confirmed(world);
    await waitlist(world.ctx(manager), id, {});
    expect(await confirm(world.ctx(visitor()), token)).toMatchObject({ status: "waitlisted" });
  });
});
