import { type DeclineReason, declineReasons, type Reapply } from "@laurel/contract";
import * as Applications from "@laurel/core/application";
import * as Jobs from "@laurel/core/job-runner";
import type { Actor } from "@laurel/core/kernel";
import { apply } from "./demo-apply.ts";
import { demoApplicant } from "./demo-names.ts";
import { after, hourMs, minuteMs, together, type Year } from "./demo-year.ts";

/** So many of those that wait have a history behind them: of each kind as many as anything rare. */
const waitingWithHistory = 4;

/** Applications that wait, or were decided otherwise than by an approval. */
export async function seedApplications(year: Year, reviewer: Actor): Promise<void> {
  const { size } = year;
  const decided = (days: number, name: string) => year.at(year.daysAgo(days), name, reviewer);
  type Story = [days: number, then: (id: string) => Promise<unknown>, confirmed?: boolean];
  const waits = async () => {};
  const plain = size.waiting - waitingWithHistory * size.rare;
  const stories: Story[] = [
    ...Array.from({ length: plain }, (_, n): Story => [9 - n * (8.25 / plain), waits]),
    [
      42,
      (id) =>
        Applications.decline(decided(40, id), id, {
          reason: "audience_mismatch",
          reapply: { policy: "after_days", days: 90 },
        }),
    ],
    [24, (id) => Applications.decline(decided(21, id), id, { reason: "too_few_details", reapply: { policy: "now" } })],
    [
      17,
      (id) =>
        Applications.decline(decided(15, id), id, {
          reason: "country_not_supported",
          reapply: { policy: "never" },
          note: "We ship there from next year on.",
        }),
    ],
    [14, (id) => Applications.waitlist(decided(12, id), id, {})],
    [13, (id) => Applications.waitlist(decided(11, id), id, { note: "Strong writer; wait for the spring budget." })],
    [2, waits, false],
    [1, waits, false],
    [
      6,
      (id) => {
        const ctx = year.at(year.daysAgo(5), id);
        return Applications.withdraw(ctx, Applications.tokenOf(ctx, id));
      },
    ],
  ];
  const people = stories.map((story, n) => ({ story, who: demoApplicant(size.ambassadors + n, year.random) }));
  await together(people, async ({ story: [days, then, confirmed = true], who }) => {
    await then(await apply(year, year.daysAgo(days), who, confirmed));
  });
  if (size.rare > 0) await seedRare(year, reviewer, size.ambassadors + stories.length);
}

/** All that seldom happens to an application, each as often as the size says. */
async function seedRare(year: Year, reviewer: Actor, firstNumber: number): Promise<void> {
  const { rare } = year.size;
  let number = firstNumber;
  const people = (count = rare) => Array.from({ length: count }, () => demoApplicant(number++, year.random));
  const decide = (at: Date, name: string) => year.at(at, name, reviewer);

  // Declined by a job, for every reason there is. The second job of each pair meets a row of the first, and is told so.
  const policies: Reapply[] = [{ policy: "now" }, { policy: "after_days", days: 180 }, { policy: "never" }];
  let already: string | undefined;
  for (const [n, reason] of (Object.keys(declineReasons) as DeclineReason[]).entries()) {
    const applied = year.daysAgo(60 - n);
    const ids = await together(people(), (who) => apply(year, applied, who));
    const job = await declineMany(after(applied, 50 * hourMs), reason, policies[n % policies.length]!, [
      ...ids,
      ...(already ? [already] : []),
    ]);
    already = ids[0];
    if (!job) throw new Error("A job of the demo was not begun");
  }
  async function declineMany(at: Date, reason: DeclineReason, reapply: Reapply, ids: string[]): Promise<string> {
    const ctx = decide(at, `decline many ${ids[0]}`);
    const { job } = await Applications.bulk(ctx, { action: "decline", reason, reapply, ids: ids as never });
    await Jobs.sweepJobs(year.at(after(at, minuteMs), `job ${job.id}`));
    return job.id;
  }

  // Declined by a job that was undone as a whole.
  for (const who of people()) {
    const at = year.daysAgo(4);
    const id = await apply(year, year.daysAgo(8), who);
    const jobId = await declineMany(at, "program_full", { policy: "now" }, [id]);
    await Jobs.undo(decide(after(at, 5 * minuteMs), `undo ${jobId}`), jobId);
    await Jobs.sweepJobs(year.at(after(at, 6 * minuteMs), `job of undo ${jobId}`));
  }
  await together(people(), async (who) => {
    // Declined and taken back within minutes: its mail, which was waiting, is cancelled.
    const at = year.daysAgo(3);
    const id = await apply(year, year.daysAgo(7), who);
    const spoken = { ...decide(at, `decline ${id}`), silent: false };
    await Applications.decline(spoken, id, { reason: "other", reapply: { policy: "now" } });
    await Applications.undo(decide(after(at, 5 * minuteMs), `undo ${id}`), id);
  });
  await together(people(), async (who) => {
    // Approved and taken back: the ambassador has left, the code is off, the application waits again.
    const at = year.daysAgo(45);
    const id = await apply(year, year.daysAgo(47), who);
    await Applications.approve(decide(at, `approve ${id}`), id, {});
    await Applications.undo(decide(after(at, 5 * minuteMs), `undo ${id}`), id);
  });
  await together(people(), async (who) => {
    // Declined, welcome at once, and here again.
    const id = await apply(year, year.daysAgo(30), who);
    await Applications.decline(decide(year.daysAgo(28), id), id, {
      reason: "too_few_details",
      reapply: { policy: "now" },
    });
    await apply(year, year.daysAgo(2), { ...who, why: `${who.why} This time with more details.` });
  });
  await together(people(), async (who) => {
    const id = await apply(year, year.daysAgo(33), who);
    await Applications.waitlist(decide(year.daysAgo(31), `waitlist ${id}`), id, {});
    await Applications.decline(decide(year.daysAgo(20), `decline ${id}`), id, {
      reason: "content_mismatch",
      reapply: { policy: "after_days", days: 365 },
    });
  });
  await together(people(), async (who) => {
    const id = await apply(year, year.daysAgo(19), who);
    await Applications.waitlist(decide(year.daysAgo(18), `waitlist ${id}`), id, {});
  });
  await together(people(), async (who, n) => {
    const id = await apply(year, year.daysAgo(16), who, n % 2 === 0);
    const ctx = year.at(year.daysAgo(10), `withdraw ${id}`);
    await Applications.withdraw(ctx, Applications.tokenOf(ctx, id));
  });
  await together(people(), (who) => apply(year, year.daysAgo(1.5), who, false));
}
