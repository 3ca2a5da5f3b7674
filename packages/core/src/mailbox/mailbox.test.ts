import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MailFeedback } from "../gateway/mail/feedback.ts";
import type { Mailbox } from "./mailbox.entity.ts";
import { noted, troubleOf, unknownMailbox } from "./mailbox.ts";

const start = Date.parse("2026-06-01T08:00:00.000Z");
const dayMs = 86_400_000;
const iso = (days: number) => new Date(start + days * dayMs).toISOString();
const now = iso(100);

let made = 0;
const told = (kind: MailFeedback["kind"], days: number, more: Partial<MailFeedback> = {}): MailFeedback => ({
  id: `f${++made}`,
  kind,
  reason: kind === "complained" ? "spam" : kind === "bounced" ? "gone" : "full",
  address: "ada@example.com",
  at: iso(days),
  sentAt: iso(days),
  ...more,
});
const after = (all: readonly MailFeedback[], from: Mailbox = unknownMailbox("per_1")) =>
  all.reduce<Mailbox>((mailbox, each) => noted(mailbox, each, now) ?? mailbox, from);
const seen = (mailbox: Mailbox, days = 100) => troubleOf(mailbox, new Date(iso(days)));

test("nothing is known of most", () => {
  expect(troubleOf(undefined, new Date())).toBeUndefined();
  expect(seen(unknownMailbox("per_1"))).toBeUndefined();
});

test("a bounce for good stops the mail, since the first one", () => {
  const mailbox = after([told("bounced", 5), told("bounced", 3, { reason: "suppressed" }), told("bounced", 9)]);
  expect(seen(mailbox)).toEqual({
    personId: "per_1",
    kind: "bounced",
    stopped: true,
    since: iso(3),
    because: "the mail service has it on its list of addresses that refuse mail",
  });
});

test("a complaint stops it, and a bounce is worse", () => {
  const complained = after([told("complained", 2)]);
  expect(seen(complained)).toMatchObject({ kind: "complained", stopped: true, since: iso(2) });
  expect(seen(after([told("bounced", 4)], complained))).toMatchObject({ kind: "bounced", since: iso(4) });
});

describe("mails that came back for a reason that may pass", () => {
  const returned = (...days: number[]) => days.map((day) => told("returned", day));

  test("are shown for thirty days and stop nothing", () => {
    const mailbox = after(returned(1, 2, 3, 4));
    expect(seen(mailbox, 20)).toMatchObject({ kind: "returned", stopped: false, since: iso(4) });
    expect(seen(mailbox, 40)).toBeUndefined();
  });

  test("stop the mail at the fifth within thirty days, for good", () => {
    const mailbox = after(returned(1, 2, 3, 4, 31));
    expect(seen(mailbox)).toMatchObject({ kind: "returned", stopped: true, since: iso(1) });
    expect(seen(mailbox)!.because).toBe("5 mails came back, the last one because the mailbox is full");
  });

  test("do not where they are spread wider", () => {
    expect(seen(after(returned(1, 2, 3, 4, 32, 40)), 41)).toMatchObject({ stopped: false });
  });

  test("count once each, and no more than ten are kept", () => {
    const [one] = returned(1);
    expect(after([one!, one!, { ...one!, at: iso(2) }]).returned).toHaveLength(1);
    const days = Array.from({ length: 14 }, (_, at) => at * 31);
    const mailbox = days.reduce<Mailbox>(
      (before, day) => noted(before, told("returned", day), iso(1000)) ?? before,
      unknownMailbox("per_1"),
    );
    expect(mailbox.returned.map(({ at }) => at)).toEqual(days.slice(4).map(iso));
  });
});

test("what was sent before somebody allowed mail again counts no more, however late it is told", () => {
  const allowed: Mailbox = { personId: "per_1", returned: [], allowedAt: iso(10), version: 3 };
  const late = { at: iso(11), sentAt: iso(9) };
  for (const kind of ["bounced", "complained", "returned"] as const)
    expect(noted(allowed, told(kind, 11, late), now)).toBeUndefined();
  expect(seen(after([told("bounced", 12)], allowed))).toMatchObject({ kind: "bounced", since: iso(12) });
});

test("a time in the future or none at all is now", () => {
  for (const at of [undefined, iso(5000)])
    expect(seen(after([told("bounced", 0, { at })]))).toMatchObject({ since: now });
});

test("told in any order and any number of times, the same is known in the end", () => {
  const feedback = fc.record({
    kind: fc.constantFrom<MailFeedback["kind"]>("bounced", "returned", "complained"),
    day: fc.integer({ min: 0, max: 60 }),
  });
  fc.assert(
    fc.property(fc.array(feedback, { maxLength: 9 }), fc.infiniteStream(fc.nat()), (all, picks) => {
      const each = all.map(({ kind, day }) => told(kind, day));
      const shuffled = [...each, ...each].map((it) => ({ it, by: picks.next().value })).sort((a, b) => a.by - b.by);
      const { version: _, ...known } = after(each);
      const { version: __, ...again } = after(shuffled.map(({ it }) => it));
      expect(again).toEqual(known);
    }),
  );
});
