import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as Connections from "@laurel/core/connection";
import { checkLedger } from "@laurel/core/ledger-check";
import { mailTroubles } from "@laurel/core/mailbox";
import * as Orders from "@laurel/core/order";
import { startEngine, stopEngine } from "@laurel/local/src/engine/keeper.ts";
import { itemsOf, type Seeded, seeded } from "@laurel/local/src/seed/demo.testing.ts";
import { demoSizes } from "@laurel/local/src/seed/demo-size.ts";
import { together } from "@laurel/local/src/seed/demo-year.ts";
import type { KnownPerson } from "@laurel/local/src/seed/people.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as sets from "../packages/contract/src/sets.ts";

/* The big demo (LAUREL_DEMO=year): a year of a program that is used, in which everything that can happen has happened. */

type Item = Record<string, unknown>;

/** What no operation leads to, what passes by itself in a moment, and what is told and not kept; and why. */
const unreachable = {
  ambassadorStatuses: { suspended: "nothing suspends yet", banned: "nothing bans yet" },
  candidateRules: {
    not_bound: "a customer who is bound to nobody is no signal",
    ambassador_banned: "nothing bans yet",
  },
  jobStates: { waiting: "for a moment", running: "for a moment" },
  flagSeverities: { low: "no rule of the table is of so little weight" },
} as const;

/** Sets of words that no item is in. */
const noStates: Partial<Record<keyof typeof sets, string>> = {
  staffRoles: "what somebody may do",
  roles: "what somebody may do",
  campaignObjectives: "what a campaign is for",
  channelKinds: "what an applicant tells",
  questionKinds: "how an applicant answers",
  rankedSignals: "part of `signalKinds`",
  severalCodesRules: "what the program's rules say",
  clickTouches: "what the program's rules say",
  orderChanges: "what a trial of other rules would do",
  claimAnswers: "told to whoever asks, and not kept; the demo asks for each",
};

let folder: string;
let demo: Seeded;
let items: Item[];
let connectionOf: Map<unknown, Item>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "laurel-e2e-year-"));
  const { endpoint } = await startEngine(folder);
  demo = await seeded(endpoint, demoSizes.year);
  items = await itemsOf(demo.table);
  connectionOf = new Map(of("connection").map((item) => [item.id, item]));
}, 300_000);
afterAll(async () => {
  await demo?.close();
  await stopEngine(folder);
  rmSync(folder, { recursive: true, force: true });
});

const as = (role: KnownPerson["role"]) =>
  demo.runtime.context({
    kind: "person",
    personId: demo.people.find((each) => each.role === role)!.personId,
    roles: [role],
    ambassadorId: null,
    network: "127.0.0.1",
  });
const of = (entity: string): Item[] => items.filter((item) => item.__edb_e__ === entity);
const countBy = (list: Item[], field: (item: Item) => unknown): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const item of list)
    for (const value of [field(item)].flat())
      if (value !== undefined) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
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

const words: Record<string, readonly string[] | Record<string, unknown>> = { ...sets };
const looked = new Set<string>();
/** The same of a set of the contract, all of it: one that grows has to be played. */
function expectSet(name: keyof typeof sets, counts: Record<string, number>) {
  looked.add(name);
  const set = words[name]!;
  const out = (unreachable as Record<string, Record<string, string>>)[name];
  expectAll(name, Array.isArray(set) ? set : Object.keys(set), counts, out);
}

test("it is as big as it says, and sends nobody a mail", () => {
  const active = of("ambassador").filter((item) => item.status === "active");
  expect(active).toHaveLength(40);
  expect(of("application").filter((item) => item.status === "confirmed")).toHaveLength(25);
  expect(of("order")).toHaveLength(2500);
  // How long it may take is measured by `npm run bench -- start`.
  console.info(`made in ${demo.wallS.toFixed(1)} s, ${demo.cpuS.toFixed(1)} s of work, ${items.length} items`);
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
  expectSet(
    "applicationStatuses",
    countBy(applications, (item) => item.status),
  );
  expectSet(
    "declineReasons",
    countBy(decisions, ({ reason }: Decision) => reason),
  );
  expectAll(
    "reapply",
    ["now", "after_days", "never"],
    countBy(decisions, ({ reapply }: Decision) => reapply?.policy),
  );
  expectSet(
    "ambassadorStatuses",
    countBy(of("ambassador"), (item) => item.status),
  );
  expectSet(
    "codeStates",
    countBy(of("code"), (item) => item.state),
  );
  expectAll(
    "code was replaced",
    ["true"],
    countBy(of("code"), (item) => item.replacedBy !== undefined || undefined),
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
      "ambassador.code_rotated",
      "ambassador.code_put_again",
      "correction.proposed",
      "correction.rejected",
      "order.corrected",
      "claim.made",
      "claim.approved",
      "claim.declined",
      "claim.withdrawn",
      "flag.raised",
      "flag.cleared",
      "flag.confirmed",
      "flag.expired",
      "program.changed",
      "connection.connected",
      "connection.disconnected",
      "job.started",
      "job.undo_started",
    ],
    actions,
  );
});

test("orders: every status, every way to an ambassador, everything that goes back", async () => {
  const orders = of("order");
  expectSet(
    "orderStatuses",
    countBy(orders, (item) => item.status),
  );
  expectSet(
    "providers",
    countBy(orders, (item) => connectionOf.get(item.connectionId)?.provider),
  );
  expectAll(
    "currency",
    ["EUR", "USD", "JPY"],
    countBy(orders, (item) => item.currency),
  );
  expectSet(
    "commissionStates",
    countBy(of("commission"), (item) => item.state ?? item.place),
  );
  const marks = countBy(orders, (item) =>
    (item.flags as string[] | undefined)?.map((flag) => flag.replace(/_[A-Z]{3}$/, "")),
  );
  expectAll("mark", ["amounts_told_twice", "refund_above_gross", "refund_currency", "dispute_currency"], marks);
  const partsOf = (name: "refunds" | "disputes") =>
    orders.flatMap((item) => Object.values((item[name] as Record<string, { state: string }> | undefined) ?? {}));
  expectAll(
    "refund",
    ["live", "failed"],
    countBy(partsOf("refunds"), (item) => item.state),
  );
  expectAll(
    "dispute",
    Orders.disputeStates,
    countBy(partsOf("disputes"), (item) => item.state),
  );
  expectAll(
    "payment",
    Orders.payments,
    countBy(orders, (item) => item.payment),
  );
  expectAll(
    "held for",
    ["flag", "early_fraud_warning"],
    countBy(orders, (item) => Object.keys((item.holds as object | undefined) ?? {}).map((each) => each.split(":")[0])),
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
  expectAll(
    "subscription",
    ["goes on", "ended"],
    countBy(of("subscription"), (item) => (item.endedAt ? "ended" : "goes on")),
  );
  expectAll(
    "customer",
    ["bound", "imported", "of nobody"],
    countBy(of("customer"), (item) => (item.importedAt ? "imported" : item.boundAmbassadorId ? "bound" : "of nobody")),
  );

  type Kept = {
    receipt: { reversals?: { cause: string }[]; rules: { version: number }; inputs?: { newCustomer?: boolean } };
  };
  const receipts = await together(orders, (item) => Orders.receipt(as("manager"), item.id as never), 25);
  expectSet(
    "signalKinds",
    countBy(receipts as unknown as Item[], (receipt) => won(receipt as never)),
  );
  expectAll(
    "nobody's",
    ["nobody"],
    countBy(receipts as unknown as Item[], (receipt) => won(receipt as never) ?? "nobody"),
  );
  expectSet(
    "candidateRules",
    countBy(receipts as unknown as Item[], (receipt) =>
      (receipt as { candidates: { rule: string }[] }).candidates.map(({ rule }) => rule),
    ),
  );
  expectAll(
    "decided again",
    ["true"],
    countBy(receipts as unknown as Item[], (receipt) => (receipt.revision as number) > 1 || undefined),
  );
  expectSet(
    "customerKinds",
    countBy(orders, (item) => {
      const { newCustomer } = (item as never as Kept).receipt.inputs ?? {};
      return newCustomer === undefined ? undefined : newCustomer ? "new" : "returning";
    }),
  );
  // Of the orders themselves: a receipt of one that was merged is that of the one that stands for it.
  expectSet(
    "reversalCauses",
    countBy(orders, (item) => ((item as never as Kept).receipt.reversals ?? []).map(({ cause }) => cause)),
  );
  const versions = of("rules").map((item) => (item.rules as { version: number }).version);
  expect(versions.length).toBeGreaterThanOrEqual(9);
  expectAll(
    "decided by the rules of version",
    versions.map(String),
    countBy(orders, (item) => (item as never as Kept).receipt.rules.version),
  );
}, 120_000);

const won = ({ candidates }: { candidates: { outcome: string; ambassadorId: string | null; kind: string }[] }) =>
  candidates.find(({ outcome, ambassadorId }) => outcome === "won" && ambassadorId)?.kind;

test("what people decide: corrections, claims, flags", () => {
  expectSet(
    "correctionStates",
    countBy(of("correction"), (item) => item.state),
  );
  expectSet(
    "correctionKinds",
    countBy(of("correction"), (item) => item.kind),
  );
  expectAll(
    "applied by",
    ["one", "two"],
    countBy(of("correction"), (item) =>
      item.state !== "applied" ? undefined : item.decidedBy && item.decidedBy !== item.proposedBy ? "two" : "one",
    ),
  );
  expectSet(
    "claimStates",
    countBy(of("orderClaim"), (item) => item.state),
  );
  const flags = of("flag");
  expectSet(
    "flagRules",
    countBy(flags, (item) => item.rule),
  );
  expectSet(
    "flagStates",
    countBy(flags, (item) => item.state),
  );
  expectSet(
    "flagSeverities",
    countBy(flags, (item) => item.severity),
  );
});

test("checkouts, mailboxes, requests of buyers", async () => {
  const { items: connections } = await Connections.list(as("owner"));
  expectSet(
    "connectionStates",
    countBy(connections as unknown as Item[], (item) => item.state),
  );
  const people = of("mailbox").map((item) => item.personId as string);
  const troubles = await mailTroubles(as("manager"), people);
  expectSet(
    "mailTroubleKinds",
    countBy([...troubles.values()] as unknown as Item[], (item) => item.kind),
  );
  expectSet(
    "privacyKinds",
    countBy(of("privacy_request"), (item) => item.request),
  );
  expectAll(
    "privacy request",
    ["done"],
    countBy(of("privacy_request"), (item) => item.state),
  );
});

test("events, effects and jobs", () => {
  const decided = [...of("done"), ...of("retry")];
  expectSet(
    "eventStatuses",
    countBy(decided, (item) => item.status),
  );
  expectSet(
    "eventSources",
    countBy(of("incoming"), (item) => item.source ?? "webhook"),
  );
  expectSet(
    "effectStates",
    countBy(of("effect"), (item) => item.state),
  );
  expectSet(
    "jobStates",
    countBy(of("job"), (item) => item.state),
  );
  expectSet(
    "jobKinds",
    countBy(of("job"), (item) => item.kind),
  );
  expectSet(
    "rowOutcomes",
    countBy(
      items.filter((item) => String(item.sk).startsWith("ROW#")),
      (item) => item.outcome,
    ),
  );
  expectAll(
    "entry",
    ["earn", "release", "reverse", "restore", "hold", "unhold"],
    countBy(of("entry"), (item) => item.kind),
  );
});

test("every set of the contract is looked at", () => {
  expect([...looked, ...Object.keys(noStates)].sort()).toEqual(Object.keys(sets).sort());
});
