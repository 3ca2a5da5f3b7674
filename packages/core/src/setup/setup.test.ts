import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { refusalOf, submitted } from "../application/testing.ts";
import type { MailState } from "../gateway/mail/port.ts";
import { AppError, type Context } from "../kernel/index.ts";
import { change } from "../program/index.ts";
import { noteSeen } from "../sighting/index.ts";
import { get } from "./index.ts";
import { SetupEntity, setupKey } from "./setup.entity.ts";
import { type Situation, stepsOf } from "./setup.ts";

const ses = (more: Partial<Extract<MailState, { kind: "ses" }>> = {}): MailState => ({
  kind: "ses",
  production: false,
  review: undefined,
  sending: true,
  region: "eu-central-1",
  sender: { identity: "northwind.example", verified: false, dkim: false },
  ...more,
});
const fresh: Situation = { connected: false, eventSeen: false, mail: ses(), settingsSaved: false, applied: false };
const states = (situation: Partial<Situation>) =>
  stepsOf({ ...fresh, ...situation }).map(({ step, state }) => `${step} ${state}`);

describe("the steps", () => {
  test("of a fresh deployment: connect first, and all others later", () => {
    expect(states({})).toEqual([
      "sign_in done",
      "connect next",
      "sender later",
      "sandbox later",
      "brand later",
      "share later",
      "first_event later",
    ]);
  });

  test("what was done out of order stays done, and what Amazon looks at holds nothing up", () => {
    const verified = { identity: "northwind.example", verified: true, dkim: true };
    expect(
      states({ connected: true, settingsSaved: true, mail: ses({ review: "pending", sender: verified }) }),
    ).toEqual([
      "sign_in done",
      "connect done",
      "sender done",
      "sandbox waiting",
      "brand done",
      "share next",
      "first_event later",
    ]);
  });

  test("on a machine of one's own leave Amazon's mail service out", () => {
    expect(states({ connected: true, mail: { kind: "local" } })).toEqual([
      "sign_in done",
      "connect done",
      "brand next",
      "share later",
      "first_event later",
    ]);
  });

  const told = (mail: Situation["mail"]) =>
    Object.fromEntries(stepsOf({ ...fresh, mail }).map(({ step, about, href }) => [step, { about, href }]));

  test("tell what is known, and where it is done", () => {
    expect(told(ses())).toMatchObject({
      sender: {
        about: "Amazon SES does not see the records of northwind.example yet.",
        href: "https://eu-central-1.console.aws.amazon.com/ses/home?region=eu-central-1#/identities/northwind.example",
      },
      sandbox: { about: expect.stringContaining("200 a day"), href: expect.stringContaining("#/account") },
    });
    const single = { identity: "hello@mail.example", verified: false, dkim: false };
    expect(told(ses({ sender: single })).sender!.about).toBe(
      "Amazon has sent a link to hello@mail.example: it has to be opened.",
    );
    expect(told(ses({ review: "denied" })).sandbox!.about).toContain("turned the request down");
    const verified = { identity: "a.example", verified: true, dkim: true };
    expect(told(ses({ sending: false, sender: verified })).sender!.about).toContain("paused all sending");
    expect(told({ kind: "unknown", why: "The mail service could not be asked." })).toMatchObject({
      sender: { about: "The mail service could not be asked.", href: null },
    });
  });
});

describe("of a program", () => {
  let world: World;
  let owner: Context;
  beforeEach(async () => {
    world = await openWorld({ programMaxAgeMs: 0 });
    owner = world.ctx(world.staff("owner"));
  });
  afterEach(() => world.close());
  const nextOf = async () => (await get(owner)).steps.find(({ state }) => state === "next")?.step;

  test("they lead from one to the next, and are over for good once all were taken", async () => {
    world.mail.says(ses());
    expect(await nextOf()).toBe("sender");
    world.mail.says(ses({ production: true, sender: { identity: "a.example", verified: true, dkim: true } }));
    expect(await nextOf()).toBe("brand");
    await change(owner, { version: 1, name: "Northwind" });
    expect(await nextOf()).toBe("share");
    await submitted(world);
    expect(await nextOf()).toBe("first_event");
    await noteSeen(world.ctx(), world.program.connectionId, "lastEventAt", world.clock.now().toISOString());
    expect(await get(owner)).toEqual({ finished: true, steps: [] });
    world.mail.says(ses());
    expect(await get(owner)).toEqual({ finished: true, steps: [] });
    // Nobody is asked any more.
    world.mail.failNext(new Error("asked"));
    expect(await get(owner)).toMatchObject({ finished: true });
  });

  test("a mail service that can't be asked is told, and stops nothing else", async () => {
    world.mail.failNext(new AppError("unavailable", "mail.unavailable", "The mail service could not be asked."));
    const { steps } = await get(owner);
    expect(steps.find(({ step }) => step === "sender")).toMatchObject({
      about: "The mail service could not be asked.",
    });
    expect(steps.find(({ step }) => step === "connect")).toMatchObject({ state: "done" });
  });

  test("are the owner's", async () => {
    for (const role of ["manager", "finance", "viewer"] as const)
      expect(await refusalOf(get(world.ctx(world.staff(role))))).toMatchObject({ code: "auth.forbidden" });
  });
});

test("the hand-written key is the entity's", () => {
  expect(SetupEntity.get({}).params({ table: "t" }).Key).toEqual(setupKey);
});
