import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signedIn } from "../../../../functions/api/testing.ts";
import { createMinute } from "../../../../functions/job/minute.ts";
import { event, openCheckout, purchase, session, withCode } from "../../../local/testing/checkout.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { wrapped } from "../../../local/testing/wrap.ts";
import { get as getAmbassador } from "../ambassador/index.ts";
import { list as listAudit } from "../audit/index.ts";
import { findCode, PromoEntity, promoKey, promotionCodesOf } from "../code/index.ts";
import { EffectEntity, effectKey } from "../effect/index.ts";
import { runEffect } from "../effect-runner/index.ts";
import { type Actor, emailKey, sha256 } from "../kernel/index.ts";
import { findPersonByEmail } from "../person/index.ts";
import { openSession, readSession } from "../session/index.ts";
import { start } from "../sign-in/index.ts";
import { getItem, parse, transact } from "../table/index.ts";
import { submit } from "./apply.ops.ts";
import { approve } from "./approve.ops.ts";
import { status, withdraw } from "./link.ops.ts";
import { findApplication } from "./load.ts";
import { decline, get, list, waitlist } from "./review.ops.ts";
import { claimOf, confirmed, effectsOf, form, refusalOf, submitted, visitor, warm } from "./testing.ts";
import { undo } from "./undo.ops.ts";

let world: World;
let manager: Actor;
beforeAll(async () => {
  world = await openWorld();
  await warm(world.ctx());
  manager = world.staff("manager");
});
afterAll(() => world.close());

const minutes = (count: number) => count * 60_000;
const no = { reason: "other", reapply: { policy: "after_days", days: 90 } } as const;
const mailsTo = (email: string) => world.mails.filter((mail) => mail.to === email).map((mail) => mail.subject);
const minute = () => createMinute(world.runtime)();
const stripeCode = (code: string) => [...world.stripe.promotionCodes.values()].find((each) => each.code === code);
const decisionEffect = async (id: string) => {
  const { decision } = (await findApplication(world.ctx(), id))!;
  return parse(EffectEntity, await getItem(world.table, effectKey(decision!.effectId!)))!;
};

/** An approved applicant whose code works at the checkout and who has been told. */
async function approved(name: string, more: Parameters<typeof approve>[2] = {}) {
  const application = await confirmed(world, { name });
  const { ambassador, code } = await approve(world.ctx(manager), application.id, more);
  await world.settle();
  return { ...application, ambassadorId: ambassador.id, code: code.code };
}

describe("a decline", () => {
  test("tells the applicant after 10 minutes and not before", async () => {
    const { id, email } = await confirmed(world);
    await world.settle();
    const before = mailsTo(email).length;
    await decline(world.ctx(manager), id, no);
    await world.settle();
    await minute();
    world.clock.advance(minutes(10) - 1);
    await minute();
    expect(mailsTo(email)).toHaveLength(before);
    world.clock.advance(1);
    await minute();
    expect(mailsTo(email).slice(before)).toEqual(["About your application to Our ambassadors"]);
    await minute();
    expect(mailsTo(email)).toHaveLength(before + 1);
  });

  test("undone within 10 minutes leaves no trace with the applicant, and can be decided again", async () => {
    const { id, email, token } = await confirmed(world);
    await world.settle();
    const before = mailsTo(email).length;
    const asItWas = await get(world.ctx(manager), id);
    const declined = await decline(world.ctx(manager), id, no);
    expect(declined.undoForMs).toBe(minutes(10));
    await world.settle();
    const effect = await decisionEffect(id);
    world.clock.advance(minutes(10) - 1);
    expect((await get(world.ctx(manager), id)).undoForMs).toBe(1);
    expect(await undo(world.ctx(manager), id)).toEqual(asItWas);
    expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "open", applicationId: id });
    expect(await claimOf(world.ctx(), email)).not.toHaveProperty("reapplyOn");
    expect(parse(EffectEntity, await getItem(world.table, effectKey(effect.id)))).toMatchObject({ state: "cancelled" });
    expect(await effectsOf(world.ctx(), id)).toEqual([]);
    world.clock.advance(minutes(30));
    await world.settle();
    await minute();
    expect(mailsTo(email)).toHaveLength(before);
    expect((await status(world.ctx(visitor()), token)).status).toBe("confirmed");
    expect((await list(world.ctx(manager), { status: "confirmed" })).items.map((each) => each.id)).toContain(id);
    expect((await listAudit(world.ctx(manager), { subject: id })).items).toMatchObject([
      { action: "application.undone", before: { status: "declined" }, after: { status: "confirmed" } },
      { action: "application.declined" },
    ]);
    await decline(world.ctx(manager), id, no);
    world.clock.advance(minutes(10));
    await minute();
    expect(mailsTo(email)).toHaveLength(before + 1);
  });

  test("is told and stays once 10 minutes are over", async () => {
    const { id } = await confirmed(world);
    await decline(world.ctx(manager), id, no);
    world.clock.advance(minutes(10));
    expect((await get(world.ctx(manager), id)).undoForMs).toBeNull();
    expect(await refusalOf(undo(world.ctx(manager), id))).toMatchObject({
      kind: "conflict",
      code: "application.undo_too_late",
      message: expect.stringContaining("10 minutes"),
    });
    expect((await findApplication(world.ctx(), id))?.status).toBe("declined");
  });

  test("whose mail somebody has begun to send is not undone", async () => {
    const { id, email } = await confirmed(world);
    await decline(world.ctx(manager), id, no);
    const effect = await decisionEffect(id);
    world.clock.advance(minutes(10));
    await runEffect(world.ctx(), effect.id);
    // As a second machine whose clock is a little behind would see it.
    world.clock.advance(-1000);
    expect(await refusalOf(undo(world.ctx(manager), id))).toMatchObject({ code: "application.undo_too_late" });
    expect(mailsTo(email)).toContain("About your application to Our ambassadors");
  });

  test("and its mail's claim at once: either it is undone, or it was sent", async () => {
    for (let round = 0; round < 12; round++) {
      const { id, email } = await confirmed(world);
      await decline(world.ctx(manager), id, no);
      const effect = await decisionEffect(id);
      const early = world.ctx(manager);
      const at = world.clock.now();
      early.now = () => at;
      world.clock.advance(minutes(10));
      const [, outcome] = await Promise.allSettled([runEffect(world.ctx(), effect.id), undo(early, id)]);
      const sent = mailsTo(email).includes("About your application to Our ambassadors");
      const { status } = (await findApplication(world.ctx(), id))!;
      if (outcome.status === "fulfilled") {
        expect([status, sent]).toEqual(["confirmed", false]);
      } else {
        expect(outcome.reason).toMatchObject({ kind: "conflict", code: "application.undo_too_late" });
        expect([status, sent]).toEqual(["declined", true]);
      }
    }
  });

  test("of somebody on the waiting list goes back to the waiting list, whose mail still comes once", async () => {
    const { id, email } = await confirmed(world);
    await world.settle();
    const before = mailsTo(email).length;
    const waitlisted = await waitlist(world.ctx(manager), id, { note: "In autumn" });
    world.clock.advance(minutes(2));
    await decline(world.ctx(manager), id, no);
    world.clock.advance(minutes(1));
    expect(await undo(world.ctx(manager), id)).toEqual({ ...waitlisted, undoForMs: minutes(7) });
    expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "open" });
    world.clock.advance(minutes(7));
    await minute();
    expect(mailsTo(email).slice(before)).toEqual(["Your application to Our ambassadors: on the waiting list"]);
  });

  test("and the mail of the waiting list that was left out for it comes after the undo", async () => {
    const { id, email } = await confirmed(world);
    await world.settle();
    const before = mailsTo(email).length;
    await waitlist(world.ctx(manager), id, {});
    world.clock.advance(minutes(5));
    await decline(world.ctx(manager), id, no);
    world.clock.advance(minutes(6));
    await minute();
    expect(mailsTo(email)).toHaveLength(before);
    expect(await undo(world.ctx(manager), id)).toMatchObject({ status: "waitlisted" });
    await world.settle();
    world.clock.advance(minutes(60));
    await minute();
    expect(mailsTo(email).slice(before)).toEqual(["Your application to Our ambassadors: on the waiting list"]);
  });

  test("after which the applicant has applied again stays", async () => {
    const { id, email } = await confirmed(world);
    await decline(world.ctx(manager), id, { reason: "other", reapply: { policy: "now" } });
    await submitted(world, { email });
    expect(await refusalOf(undo(world.ctx(manager), id))).toMatchObject({
      kind: "conflict",
      code: "application.applied_again",
    });
  });
});

describe("a place on the waiting list", () => {
  test("waits with its mail, and is undone", async () => {
    const { id, email } = await confirmed(world);
    await world.settle();
    const before = mailsTo(email).length;
    await waitlist(world.ctx(manager), id, {});
    await world.settle();
    expect(mailsTo(email)).toHaveLength(before);
    expect(await undo(world.ctx(manager), id)).toMatchObject({ status: "confirmed", decision: null, undoForMs: null });
    expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "open", applicationId: id });
    world.clock.advance(minutes(20));
    await minute();
    expect(mailsTo(email)).toHaveLength(before);
  });

  test("followed by an approval sends the approval's mail alone", async () => {
    const { id, email } = await confirmed(world);
    await world.settle();
    const before = mailsTo(email).length;
    await waitlist(world.ctx(manager), id, {});
    await approve(world.ctx(manager), id);
    await world.settle();
    world.clock.advance(minutes(20));
    await minute();
    expect(mailsTo(email).slice(before)).toEqual([expect.stringMatching(/^Welcome to Our ambassadors/)]);
  });
});

describe("an approval", () => {
  test("is told at once; undone, it ends code, rights and sessions, opens the application again and says sorry", async () => {
    const { id, email, ambassadorId, code } = await approved("Una Undone");
    expect(mailsTo(email).at(-1)).toMatch(/^Welcome to Our ambassadors/);
    const { profile, access } = (await findPersonByEmail(world.ctx(), email))!;
    const cookie = openSession(world.ctx(), profile.personId as never, access.accessVersion);
    await transact(world.table, cookie.writes);
    expect(await readSession(world.ctx(), cookie.cookie)).toMatchObject({ ambassadorId });
    expect(stripeCode(code)?.active).toBe(true);

    world.clock.advance(minutes(9));
    const undone = await undo(world.ctx(manager), id);
    expect(undone).toMatchObject({ id, status: "confirmed", decision: null, ambassadorId: null, undoForMs: null });
    expect(await readSession(world.ctx(), cookie.cookie)).toBeUndefined();
    const person = (await findPersonByEmail(world.ctx(), email))!;
    expect(person.access).toMatchObject({
      formerAmbassadorId: ambassadorId,
      staffRoles: [],
      accessVersion: access.accessVersion + 1,
    });
    expect(person.access).not.toHaveProperty("ambassadorId");
    expect(await getAmbassador(world.ctx(manager), ambassadorId)).toMatchObject({
      status: "left",
      statusReason: "approval_undone",
      code,
    });
    expect(await claimOf(world.ctx(), email)).toMatchObject({ state: "open", applicationId: id });
    const { connectionId } = world.program;
    const item = (await findCode(world.ctx(), code))!;
    const promo = () => getItem(world.table, promoKey(connectionId, promotionCodesOf(item)[connectionId]!));
    expect(item.ambassadorStatus).toBe("left");
    expect(parse(PromoEntity, await promo())?.ambassadorStatus).toBe("left");
    expect((await listAudit(world.ctx(manager), { subject: id })).items[0]).toMatchObject({
      action: "application.undone",
      before: { status: "approved", ambassadorId, code },
      after: { status: "confirmed" },
    });

    await world.settle();
    expect(stripeCode(code)?.active).toBe(false);
    expect((await findCode(world.ctx(), code))?.state).toBe("disabled");
    expect(mailsTo(email).at(-1)).toBe("Our mistake: your application to Our ambassadors is not decided yet");
    // Nobody of the program has that address any more.
    const before = world.mails.length;
    await start(world.ctx(visitor()), { email });
    await world.settle();
    expect(world.mails).toHaveLength(before);
  });

  test("anew revives the same ambassador and the same code, at every checkout", async () => {
    const { id, email, ambassadorId, code } = await approved("Rea Vived");
    const promotionCode = stripeCode(code)!.id;
    await undo(world.ctx(manager), id);
    await world.settle();
    world.clock.advance(minutes(60));
    const again = await approve(world.ctx(manager), id, { tierId: world.program.laurelTierId });
    expect(again.ambassador).toMatchObject({
      id: ambassadorId,
      status: "active",
      statusReason: null,
      code,
      tier: { id: world.program.laurelTierId },
      joinedAt: world.clock.now().toISOString(),
    });
    expect(again.code).toMatchObject({ code, state: "activating", primary: true });
    await world.settle();
    expect(stripeCode(code)).toMatchObject({ id: promotionCode, active: true });
    expect([...world.stripe.promotionCodes.values()].filter((each) => each.code === code)).toHaveLength(1);
    expect(await findCode(world.ctx(), code)).toMatchObject({
      state: "active",
      ambassadorStatus: "active",
      tierId: world.program.laurelTierId,
    });
    const promo = parse(PromoEntity, await getItem(world.table, promoKey(world.program.connectionId, promotionCode)));
    expect(promo).toMatchObject({ ambassadorStatus: "active", tierId: world.program.laurelTierId });
    const { access } = (await findPersonByEmail(world.ctx(), email))!;
    expect(access).toMatchObject({ ambassadorId, accessVersion: 4 });
    expect(access).not.toHaveProperty("formerAmbassadorId");
    expect(mailsTo(email).at(-1)).toMatch(/^Welcome to Our ambassadors/);
    const { items } = await listAudit(world.ctx(manager), { subject: id });
    expect(items[0]).toMatchObject({ action: "application.approved", after: { ambassadorId, code, revived: true } });
    // The round can be gone again.
    expect(await undo(world.ctx(manager), id)).toMatchObject({ status: "confirmed" });
    await world.settle();
    expect(stripeCode(code)?.active).toBe(false);
  });

  test("of a later application of the same person revives them too", async () => {
    const { id, email, token, ambassadorId, code } = await approved("Lena Later");
    await undo(world.ctx(manager), id);
    await withdraw(world.ctx(visitor()), token);
    const later = await confirmed(world, { email, name: "Lena Later" });
    const again = await approve(world.ctx(manager), later.id);
    expect(again).toMatchObject({ ambassador: { id: ambassadorId, status: "active" }, code: { code } });
    expect(await get(world.ctx(manager), later.id)).toMatchObject({ ambassadorId });
  });

  test("can be declined after it was undone, and the address is treated as any other", async () => {
    const { id, email, token } = await approved("Dee Clined");
    await undo(world.ctx(manager), id);
    await submit(world.ctx(visitor()), form({ email }));
    expect(await claimOf(world.ctx(), email)).toMatchObject({ applicationId: id });
    await decline(world.ctx(manager), id, no);
    expect((await status(world.ctx(visitor()), token)).status).toBe("declined");
  });

  test("stays once an order is attributed, whichever way it came", async () => {
    const checkout = openCheckout(world);
    const { id, code } = await approved("Olga Order");
    const promotionCode = stripeCode(code)!.id;
    await checkout.tell(
      event(
        "checkout.session.completed",
        session(purchase(world.clock.now()), withCode(promotionCode)),
        world.clock.now(),
      ),
    );
    expect(await refusalOf(undo(world.ctx(manager), id))).toMatchObject({
      kind: "conflict",
      code: "application.undo_has_orders",
      message: expect.stringContaining("An order is attributed"),
    });
    expect(stripeCode(code)?.active).toBe(true);

    // Not paid yet, so it has earned nothing yet.
    const slow = await approved("Pia Pending");
    const pending = session(purchase(world.clock.now()), {
      ...withCode(stripeCode(slow.code)!.id),
      payment_status: "unpaid",
    });
    await checkout.tell(event("checkout.session.completed", pending, world.clock.now()));
    expect(await refusalOf(undo(world.ctx(manager), slow.id))).toMatchObject({ code: "application.undo_has_orders" });
  });

  test("and a sale at once: a sale that was first is seen, one that came later still belongs to whose code it was", async () => {
    const checkout = openCheckout(world);
    for (let round = 0; round < 5; round++) {
      const { id, code, ambassadorId } = await approved(`Sal Erace${round}`);
      const sale = session(purchase(world.clock.now()), withCode(stripeCode(code)!.id));
      const [told, outcome] = await Promise.allSettled([
        checkout.tell(event("checkout.session.completed", sale, world.clock.now())),
        undo(world.ctx(manager), id),
      ]);
      expect(told).toMatchObject({ status: "fulfilled", value: { status: 200 } });
      const { status } = await getAmbassador(world.ctx(manager), ambassadorId);
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "application.undo_has_orders" });
      expect(status).toBe(outcome.status === "fulfilled" ? "left" : "active");
    }
  });

  test("is not undone after 10 minutes", async () => {
    const { id, code } = await approved("Tilda Toolate");
    world.clock.advance(minutes(10));
    expect(await refusalOf(undo(world.ctx(manager), id))).toMatchObject({ code: "application.undo_too_late" });
    await world.settle();
    expect(stripeCode(code)?.active).toBe(true);
  });

  test("undone before its code reached the checkout never reaches it", async () => {
    const { id, email } = await confirmed(world, { name: "Quentin Quick" });
    const { code } = await approve(world.ctx(manager), id);
    await undo(world.ctx(manager), id);
    await world.settle();
    expect(stripeCode(code.code)?.active ?? false).toBe(false);
    expect((await findCode(world.ctx(), code.code))?.state).toBe("disabled");
    expect(mailsTo(email).some((subject) => subject.startsWith("Welcome"))).toBe(false);
  });

  test("whose mail is being sent sends the apology after it", async () => {
    const { id, email } = await confirmed(world, { name: "Orla Order" });
    await approve(world.ctx(manager), id);
    const effect = await decisionEffect(id);
    // The mail's server is slow: in the middle of it the approval is undone.
    const ctx = world.ctx();
    let leave = () => {};
    const left = new Promise<void>((done) => {
      leave = done;
    });
    const { send } = ctx.gateways.mail;
    const running = runEffect(
      {
        ...ctx,
        gateways: { ...ctx.gateways, mail: { ...ctx.gateways.mail, send: (mail) => left.then(() => send(mail)) } },
      },
      effect.id,
    );
    await expect.poll(async () => (await getItem(world.table, effectKey(effect.id)))?.fence).toBe(1);
    await expect.poll(async () => (await decisionEffect(id)).attempts).toBe(1);
    // It reads the application before it sends.
    await new Promise((done) => setTimeout(done, 300));
    await undo(world.ctx(manager), id);
    await world.settle();
    leave();
    await running;
    world.clock.advance(minutes(1));
    await minute();
    expect(mailsTo(email).slice(-2)).toEqual([
      expect.stringMatching(/^Welcome/),
      expect.stringMatching(/^Our mistake/),
    ]);
  });
});

describe("in any case", () => {
  test("there must be something to undo", async () => {
    const waiting = await confirmed(world);
    const unconfirmed = await submitted(world);
    const gone = await confirmed(world);
    await waitlist(world.ctx(manager), gone.id, {});
    await withdraw(world.ctx(visitor()), gone.token);
    for (const { id } of [waiting, unconfirmed, gone])
      expect(await refusalOf(undo(world.ctx(manager), id))).toMatchObject({
        kind: "conflict",
        code: "application.nothing_to_undo",
      });
  });

  test.each(["approved", "declined", "waitlisted"] as const)(
    "of ten who undo %s at once one does it",
    async (outcome) => {
      const { id } = await confirmed(world);
      if (outcome === "approved") await approve(world.ctx(manager), id);
      else if (outcome === "declined") await decline(world.ctx(manager), id, no);
      else await waitlist(world.ctx(manager), id, {});
      world.clock.advance(1);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, () => undo(world.ctx(world.staff("manager")), id)),
      );
      expect(outcomes.filter((each) => each.status === "fulfilled")).toHaveLength(1);
      for (const each of outcomes)
        if (each.status === "rejected")
          expect(each.reason).toMatchObject({ kind: "conflict", code: "application.nothing_to_undo" });
      const { items } = await listAudit(world.ctx(manager), { subject: id });
      expect(items.map((each) => each.action)).toEqual(["application.undone", `application.${outcome}`]);
    },
  );

  test.each(["approved", "declined", "waitlisted"] as const)(
    "whoever is overtaken while undoing %s is told so, after whichever read it was",
    async (outcome) => {
      /** An undo that another one overtakes after so many of its reads. */
      const undoing = async (overtakenAfter: number) => {
        const { id } = await confirmed(world);
        if (outcome === "approved") await approve(world.ctx(manager), id);
        else if (outcome === "declined") await decline(world.ctx(manager), id, no);
        else await waitlist(world.ctx(manager), id, {});
        world.clock.advance(1);
        let reads = 0;
        const table = wrapped(world.table, async (call, send) => {
          const answer = await send();
          if (/Get|Query/.test(call.name) && ++reads === overtakenAfter) await undo(world.ctx(manager), id);
          return answer;
        });
        const done = await Promise.allSettled([undo({ ...world.ctx(manager), table }, id)]);
        return { done: done[0], reads };
      };
      const alone = await undoing(0);
      expect(alone.done.status).toBe("fulfilled");
      // The last of them only fetches the person for the answer.
      for (let read = 1; read < alone.reads; read++)
        expect((await undoing(read)).done).toMatchObject({
          reason: { kind: "conflict", code: "application.nothing_to_undo" },
        });
    },
  );

  test("an undo and a second decision at once leave one of two whole states", async () => {
    for (let round = 0; round < 6; round++) {
      const { id, email } = await confirmed(world);
      await waitlist(world.ctx(manager), id, {});
      world.clock.advance(1);
      const [undone, second] = await Promise.allSettled([
        undo(world.ctx(manager), id),
        round % 2 ? approve(world.ctx(manager), id) : decline(world.ctx(manager), id, no),
      ]);
      // Whichever read after the other had ended is no race; one that lost is told so.
      const application = (await findApplication(world.ctx(), id))!;
      const [decided, decidedAndUndone] = round % 2 ? ["approved", "confirmed"] : ["declined", "waitlisted"];
      if (second.status === "rejected") {
        expect(second.reason).toMatchObject({ kind: "conflict" });
        expect(application.status).toBe("confirmed");
      } else if (undone.status === "rejected") {
        expect(undone.reason).toMatchObject({ kind: "conflict" });
        expect(application.status).toBe(decided);
      } else expect([decided, decidedAndUndone]).toContain(application.status);
      const { access } = (await findPersonByEmail(world.ctx(), email))!;
      expect(Boolean(access.ambassadorId)).toBe(application.status === "approved");
      expect((await claimOf(world.ctx(), email))?.state).toBe(
        ["confirmed", "waitlisted"].includes(application.status) ? "open" : "closed",
      );
    }
  });

  test("an undo and an approval at once, of what was approved: never an ambassador without an application", async () => {
    for (let round = 0; round < 5; round++) {
      const { id, email, ambassadorId, code } = await approved(`Mae Atonce${round}`);
      await Promise.allSettled([undo(world.ctx(manager), id), approve(world.ctx(manager), id)]);
      await world.settle();
      const application = (await findApplication(world.ctx(), id))!;
      const active = application.status === "approved";
      expect((await findPersonByEmail(world.ctx(), email))?.access.ambassadorId).toBe(
        active ? ambassadorId : undefined,
      );
      expect((await getAmbassador(world.ctx(manager), ambassadorId)).status).toBe(active ? "active" : "left");
      expect(stripeCode(code)?.active).toBe(active);
    }
  });

  test("only those who decide may undo, nobody their own application, and a missing one is not found", async () => {
    const { id, email } = await confirmed(world);
    await decline(world.ctx(manager), id, no);
    const ambassador: Actor = { ...world.staff("viewer"), roles: ["ambassador"] };
    for (const actor of [world.staff("finance"), world.staff("viewer"), ambassador])
      expect(await refusalOf(undo(world.ctx(actor), id))).toMatchObject({ kind: "forbidden" });
    expect(await refusalOf(undo(world.ctx(visitor()), id))).toMatchObject({ kind: "unauthenticated" });
    const { profile } = (await findPersonByEmail(world.ctx(), email))!;
    const self: Actor = { ...world.staff("owner"), personId: profile.personId as never };
    expect(await refusalOf(undo(world.ctx(self), id))).toMatchObject({ kind: "rejected", code: "application.own" });
    expect(await refusalOf(undo(world.ctx(manager), world.newId("application")))).toMatchObject({ kind: "not_found" });
    expect((await findApplication(world.ctx(), id))?.status).toBe("declined");
  });

  test("a decision that is named is the only one that is undone", async () => {
    const { id } = await confirmed(world);
    const { decision } = await waitlist(world.ctx(manager), id, {});
    world.clock.advance(minutes(1));
    const declined = await decline(world.ctx(world.staff("owner")), id, no);
    expect(await refusalOf(undo(world.ctx(manager), id, { decidedAt: decision!.decidedAt }))).toMatchObject({
      kind: "conflict",
      code: "application.decided_since",
    });
    expect((await get(world.ctx(manager), id)).status).toBe("declined");
    await undo(world.ctx(manager), id, { decidedAt: declined.decision!.decidedAt });
    expect((await get(world.ctx(manager), id)).status).toBe("waitlisted");
  });

  test("somebody else of the team may undo, and a member of the team keeps their roles", async () => {
    const tess = await signedIn(world, ["finance"]);
    const { id } = await confirmed(world, { email: tess.email });
    await approve(world.ctx(manager), id);
    await undo(world.ctx(world.staff("owner")), id);
    expect((await findPersonByEmail(world.ctx(), tess.email))?.access.staffRoles).toEqual(["finance"]);
  });

  test("the same Idempotency-Key undoes once and answers the same", async () => {
    const { id } = await confirmed(world);
    await decline(world.ctx(manager), id, no);
    const ctx = () => world.ctx(manager, { idempotency: { key: sha256(`undo ${id}`), bodyHash: sha256("{}") } });
    const first = await undo(ctx(), id);
    expect(await undo(ctx(), id)).toEqual(first);
    expect((await listAudit(world.ctx(manager), { subject: id })).items).toHaveLength(2);
  });

  test("nothing of the address stands outside of the person", async () => {
    const { id, email } = await approved("Private Person");
    await undo(world.ctx(manager), id);
    const { items } = await listAudit(world.ctx(manager), { subject: id });
    expect(JSON.stringify(items)).not.toContain(email);
    expect(JSON.stringify(items)).not.toContain(emailKey(world.ctx().keys, email));
  });
});
