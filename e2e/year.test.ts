import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ambassadorStatuses,
  applicationStatuses,
  candidateRules,
  codeStates,
  commissionStates,
  declineReasons,
  effectStates,
  eventStatuses,
  jobKinds,
  jobStates,
  orderStatuses,
  rowOutcomes,
  signalKinds,
} from "@laurel/contract";
import { checkLedger } from "@laurel/core/ledger-check";
import * as Orders from "@laurel/core/order";
import { startEngine, stopEngine } from "@laurel/local/src/engine/keeper.ts";
import { itemsOf, type Seeded, seeded } from "@laurel/local/src/seed/demo.testing.ts";
import { demoSizes } from "@laurel/local/src/seed/demo-size.ts";
import { together } from "@laurel/local/src/seed/demo-year.ts";
import { afterAll, beforeAll, expect, test } from "vitest";

/* The big demo (LAUREL_DEMO=year): a year of a program that is used, in which everything that can happen has happened. */

type Item = Record<string, unknown>;

/** What no operation leads to, or only while something outside is broken; and why. */
const unreachable = {
  ambassador: { suspended: "nothing suspends yet", banned: "nothing bans yet" },
  order: { merged: "each purchase of the demo is told as one" },
  jobKind: {
    "connection.codes": "the demo's checkout was there before its codes",
    "customers.import": "nobody of the demo had bought before it began",
  },
  signal: { manual: "nobody of the demo corrects by hand" },
  rule: {
    not_known_yet: "until the checkout was asked, which it was",
    awaits_checkout: "until the checkout was told, which it was",
    binding_over: "the demo's customers are bound for ever",
    several_codes: "the demo's checkout takes one code",
    outside_campaign: "the demo's campaigns always run",
    returning_customer: "the demo's rules count every customer",
    own_order: "nobody of the demo buys by their own code",
    subscription_over: "the demo's subscriptions are younger than its rules",
    by_hand: "nobody of the demo corrects by hand",
    code_replaced: "no code of the demo leaks",
    ambassador_banned: "nothing bans yet",
    not_bound: "a customer who is bound to nobody is no signal",
  },
  event: { waiting: "only while the engine fails", failed: "only after the engine has failed for hours" },
  effect: {
    dead: "only after something outside has failed for a day",
    skipped: "only where an address bounces, and nobody's of the demo does",
  },
  job: { waiting: "for a moment", running: "for a moment", failed: "only after twenty failures" },
} as const;

let folder: string;
let demo: Seeded;
let items: Item[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "laurel-e2e-year-"));
  const { endpoint } = await startEngine(folder);
  demo = await seeded(endpoint, demoSizes.year);
  items = await itemsOf(demo.table);
}, 300_000);
afterAll(async () => {
  await demo?.close();
  await stopEngine(folder);
  rmSync(folder, { recursive: true, force: true });
});

const of = (entity: string): Item[] => items.filter((item) => item.__edb_e__ === entity);
const countBy = (list: Item[], field: (item: Item) => unknown): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const item of list) {
    const value = field(item);
    if (value !== undefined) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  }
  return counts;
};
/** Each of them at least three times, and none that is said to be out of reach. */
function expectAll(
  what: string,
  states: readonly string[],
  counts: Record<string, number>,
  out: Record<string, string> = {},
) {
  console.info(`${what}: ${states.map((state) => `${state} ${counts[state] ?? 0}`).join(", ")}`);
  for (const state of states)
    if (state in out) expect(counts[state] ?? 0, `${what} ${state} can be reached`).toBeLessThan(3);
    else expect(counts[state] ?? 0, `${what} ${state}`).toBeGreaterThanOrEqual(3);
}

test("it is as big as it says, and made in time", () => {
  const active = of("ambassador").filter((item) => item.status === "active");
  expect(active).toHaveLength(40);
  expect(of("application").filter((item) => item.status === "confirmed")).toHaveLength(25);
  expect(of("order")).toHaveLength(2500);
  console.info(`made in ${demo.wallS.toFixed(1)} s, ${demo.cpuS.toFixed(1)} s of work, ${items.length} items`);
  // Of work, because other programs may have the machine meanwhile.
  expect(demo.cpuS).toBeLessThan(30);
  expect(demo.mails).toBe(0);
});

test("the books are right", async () => {
  expect((await checkLedger(demo.table)).differences).toEqual([]);
});

test("people: every status, every decline, every code", () => {
  const applications = of("application");
  type Decision = {
    outcome?: string;
    reason?: string;
    reapply?: { policy: string };
    note?: string;
    waitlisted?: object;
  };
  const decisions = applications.flatMap((item) => (item.decision as Decision | undefined) ?? []);
  expectAll(
    "application",
    applicationStatuses,
    countBy(applications, (item) => item.status),
  );
  expectAll(
    "decline",
    Object.keys(declineReasons),
    countBy(decisions, ({ reason }: Decision) => reason),
  );
  expectAll(
    "reapply",
    ["now", "after_days", "never"],
    countBy(decisions, ({ reapply }: Decision) => reapply?.policy),
  );
  expectAll(
    "ambassador",
    ambassadorStatuses,
    countBy(of("ambassador"), (item) => item.status),
    unreachable.ambassador,
  );
  expectAll(
    "code",
    codeStates,
    countBy(of("code"), (item) => item.state),
  );
  expectAll(
    "code is primary",
    ["true", "false"],
    countBy(of("code"), (item) => item.primary),
  );
  const actions = countBy(of("audit"), (item) => item.action);
  expectAll(
    "done by hand",
    [
      "application.approved",
      "application.declined",
      "application.waitlisted",
      "application.undone",
      "ambassador.code_chosen",
      "ambassador.code_refused",
      "job.started",
      "job.undo_started",
    ],
    actions,
  );
});

test("orders: every status, every way to an ambassador, everything that goes back", async () => {
  const orders = of("order");
  expectAll(
    "order",
    orderStatuses,
    countBy(orders, (item) => item.status),
    unreachable.order,
  );
  expectAll(
    "currency",
    ["EUR", "USD", "JPY"],
    countBy(orders, (item) => item.currency),
  );
  expectAll(
    "commission",
    commissionStates,
    countBy(of("commission"), (item) => item.state ?? item.place),
  );
  const flags = orders
    .flatMap((item) => (item.flags as string[] | undefined) ?? [])
    .map((flag) => flag.replace(/_[A-Z]{3}$/, ""));
  expectAll(
    "flag",
    ["amounts_told_twice", "refund_above_gross", "refund_currency"],
    countBy(
      flags.map((flag) => ({ flag })),
      (item) => item.flag,
    ),
  );
  const refunds = orders.flatMap((item) =>
    Object.values((item.refunds as Record<string, { state: string }> | undefined) ?? {}),
  );
  expectAll(
    "refund",
    ["live", "failed"],
    countBy(refunds, (item) => item.state),
  );
  expectAll(
    "refund as a sum",
    ["true"],
    countBy(orders, (item) => (item.refundedFloorMinor as number) > 0 || undefined),
  );
  expectAll(
    "paid for nothing",
    ["0"],
    countBy(orders, (item) => (item.grossMinor === 0 ? 0 : undefined)),
  );
  expectAll(
    "parked refund",
    ["true"],
    countBy(items, (item) =>
      Array.isArray(item.parked) && item.parked.length > 0 && !item.orderId ? true : undefined,
    ),
  );

  const ctx = demo.runtime.context({
    kind: "person",
    personId: demo.people[1]!.personId,
    roles: ["manager"],
    ambassadorId: null,
    network: "127.0.0.1",
  });
  const receipts = await together(orders, (item) => Orders.receipt(ctx, item.id as never), 25);
  const winners = receipts.map(({ candidates }) => ({
    kind: candidates.find(({ outcome, ambassadorId }) => outcome === "won" && ambassadorId)?.kind ?? "nobody",
  }));
  expectAll(
    "attributed by",
    [...signalKinds, "nobody"],
    countBy(winners, (item) => item.kind),
    unreachable.signal,
  );
  const rules = receipts.flatMap(({ candidates }) => candidates.map(({ rule }) => ({ rule })));
  expectAll(
    "rule",
    Object.keys(candidateRules),
    countBy(rules, (item) => item.rule),
    unreachable.rule,
  );
  expectAll(
    "decided again",
    ["true"],
    countBy(receipts, (receipt) => (receipt.revision as number) > 1 || undefined),
  );
  const causes = receipts.flatMap(({ reversals }) => reversals.map(({ cause }) => ({ cause })));
  expectAll(
    "reversal",
    ["refund", "refund_failed", "dispute", "dispute_won"],
    countBy(causes, (item) => item.cause),
  );
}, 120_000);

test("events, effects and jobs", () => {
  expectAll(
    "event",
    eventStatuses,
    countBy(of("done"), (item) => item.status),
    unreachable.event,
  );
  expectAll(
    "effect",
    effectStates,
    countBy(of("effect"), (item) => item.state),
    unreachable.effect,
  );
  expectAll(
    "job",
    jobStates,
    countBy(of("job"), (item) => item.state),
    unreachable.job,
  );
  expectAll(
    "job kind",
    jobKinds,
    countBy(of("job"), (item) => item.kind),
    unreachable.jobKind,
  );
  expectAll(
    "row",
    rowOutcomes,
    countBy(
      items.filter((item) => String(item.sk).startsWith("ROW#")),
      (item) => item.outcome,
    ),
  );
  expectAll(
    "entry",
    ["earn", "reverse", "restore", "release"],
    countBy(of("entry"), (item) => item.kind),
  );
});
