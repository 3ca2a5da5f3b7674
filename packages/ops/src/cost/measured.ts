import type { FunctionName } from "../../../../stacks/config.ts";

/** What one thing takes of the table. */
export interface Units {
  writes: number;
  reads: number;
}

/**
 * What the program takes, as it was measured: `measured.test.ts` does each thing on a real engine, counts every call by the
 * sizes of its items, and holds these to what it counted: never less, and hardly more.
 */
export const measured = {
  /** A Stripe event that is an attributed sale: stored, decided, answered. */
  sale: { writes: 24, reads: 5 },
  /** What both consumers of the stream do after it, the thanks by mail and the look for fraud included; alone, so nothing shares a transaction. */
  saleAfter: { writes: 22, reads: 21 },
  /** An event that changes nothing, such as Stripe sends beside it; and the consumer's look at it. */
  otherEvent: { writes: 4, reads: 3 },
  /** A refund, with what follows. */
  refund: { writes: 26, reads: 10 },
  /** The release of a commission after its hold: one of an ambassador's by itself, with its count. */
  release: { writes: 12, reads: 2 },
  /** A visit by a link, and counting it: alone, and among 24 in one go. */
  click: { writes: 1, reads: 0 },
  clickCountedAlone: { writes: 6, reads: 0 },
  clickCountedWithOthers: { writes: 2.5, reads: 0 },
  /** One request of a signed-in ambassador, over the pages of the portal. */
  apiRequest: { writes: 0, reads: 4.5 },
  /** A minute in which nothing is due. */
  idleMinute: { writes: 0, reads: 6 },
  /** Bytes in the table for a sale and a click: of what stays, and of what expires after days, weeks or a year. */
  saleBytes: { kept: 4_500, passing: 2_000 },
  clickBytes: { kept: 0, passing: 300 },
} as const;

/** What only a deployment shows: these are estimates, and said to be. */
export const estimated = {
  /** Billed milliseconds of a call. */
  billedMs: {
    api: 60,
    webhook: 80,
    redirect: 20,
    rollups: 100,
    effects: 150,
    minute: 150,
    day: 500,
    feedback: 100,
    alarm: 100,
  } satisfies Record<FunctionName, number>,
  /** Bytes of log a call: what Lambda writes by itself, and our lines and metrics. */
  logBytes: 1_000,
  /** What one order brings with it. */
  order: { clicks: 20, otherEvents: 2, refunds: 0.05, apiRequests: 10, portalVisits: 2, effectCalls: 3 },
  /** What a visit to the portal loads that the browser has not kept, and in how many requests. */
  visit: { kb: 300, requests: 8 },
  answerKb: 2,
  /** Instances that stay warm all month in a busy program; each reads its two secrets every five minutes. */
  warmInstances: 10,
  daysAMonth: 30,
} as const;
