import { signedIn } from "@laurel/functions/api/testing.ts";
import { expect, test } from "vitest";
import {
  dieEverywhere,
  expectMails,
  expectNothingWaits,
  kindsThatMail,
  patient,
} from "../../../local/testing/dying.ts";
import { scan } from "../../../local/testing/scan.ts";
import { readSession } from "../session/index.ts";
import * as SignIn from "../sign-in/index.ts";
import { approve } from "./approve.ops.ts";
import { tokenOf, withdraw } from "./link.ops.ts";
import { waitlist } from "./review.ops.ts";
import { claimOf, confirmed, visitor } from "./testing.ts";
import { undo } from "./undo.ops.ts";

test("a process dies anywhere while people wait, are put back, are told, withdraw and sign in", patient, async () => {
  await dieEverywhere("waiting list, withdrawal and sign-in", async ({ world, machine, ask }) => {
    const manager = world.staff("manager");
    const staying = await confirmed(world, { email: "stays@example.com", name: "Ada Lovelace" });
    const going = await confirmed(world, { email: "goes@example.com", name: "Mary Somerville" });
    const { email } = await signedIn(world, ["finance"]);
    await world.settle();
    world.mails.length = 0;

    await ask("waitlist", manager, (ctx) => waitlist(ctx, staying.id, {}));
    await ask("undo", manager, (ctx) => undo(ctx, staying.id));
    await ask("waitlist again", manager, (ctx) => waitlist(ctx, staying.id, { note: "In spring" }));
    await ask("waitlist the other", manager, (ctx) => waitlist(ctx, going.id, {}));
    await ask("withdraw", visitor(), (ctx) => withdraw(ctx, tokenOf(ctx, going.id)));
    await machine.quiet();
    world.clock.advance(20 * 60_000);
    await machine.quiet();
    await ask("approve", manager, (ctx) => approve(ctx, staying.id));
    await ask("start", visitor(), (ctx) => SignIn.start(ctx, { email }));
    await machine.quiet();

    const items = await scan(world);
    const mailed = items.filter(kindsThatMail);
    expectMails(machine, staying.email, ["mail.application_decided", "mail.application_decided"], mailed);
    expectMails(machine, going.email, [], mailed);
    expectMails(machine, email, ["mail.sign_in"], mailed);
    const subjects = world.mails.filter((mail) => mail.to === staying.email).map((mail) => mail.subject);
    expect(subjects[0]).toMatch(/on the waiting list$/);
    expect(subjects.at(-1)).toMatch(/^Welcome/);
    const statusOf = (id: string) => items.find((item) => item.__edb_e__ === "application" && item.id === id)!.status;
    expect([statusOf(staying.id), statusOf(going.id)]).toEqual(["approved", "withdrawn"]);
    expect(await claimOf(world.ctx(), going.email)).toMatchObject({ state: "closed" });
    expectNothingWaits(items);
    const decided = items.filter((item) => item.__edb_e__ === "audit" && item.subject === staying.id);
    expect(decided.map((item) => item.action).sort()).toEqual([
      "application.approved",
      "application.undone",
      "application.waitlisted",
      "application.waitlisted",
    ]);

    // Whichever mail came last signs in, once.
    const text = world.mails.filter((mail) => mail.to === email).at(-1)!.text;
    const token = /#token=(\S+)/.exec(text)![1]!;
    const { cookie } = await SignIn.verify(world.ctx(visitor()), { token });
    expect(await readSession(world.ctx(), cookie)).toMatchObject({ roles: ["finance"] });
  });
});
