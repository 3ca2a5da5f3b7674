import type { FunctionName } from "../../../../stacks/config.ts";
import { estimated, measured, type Units } from "./measured.ts";
import type { PriceId, Region } from "./prices.ts";

/** What a month takes of each thing that has a price. */
export type Usage = Record<PriceId, number>;

/** What is deployed: a test holds these equal to the templates. */
export const deployed = {
  memoryMb: {
    api: 1024,
    webhook: 1024,
    redirect: 1024,
    rollups: 512,
    effects: 1024,
    minute: 512,
    day: 512,
    feedback: 512,
    alarm: 256,
  } satisfies Record<FunctionName, number>,
  /** CloudFront's own alarm is only where its metrics are. */
  alarms: { "eu-central-1": 19, "us-east-1": 20 } satisfies Record<Region, number>,
  metrics: 10,
  dashboards: 1,
} as const;

/** X-Ray takes one call a second and 5 % of the rest, of each function. */
const sampled = (calls: number, seconds: number): number =>
  Math.min(calls, seconds + 0.05 * Math.max(0, calls - seconds));
const gb = (bytes: number): number => bytes / 1e9;

/**
 * A month with so many orders and what comes with them. What stands of earlier months is left out.
 * @param orders 0 for a month in which nothing happens
 */
export function usageOf(orders: number, region: Region = "eu-central-1"): Usage {
  const { order, visit, daysAMonth } = estimated;
  const minutes = daysAMonth * 24 * 60;
  const clicks = orders * order.clicks;
  const otherEvents = orders * order.otherEvents;
  const apiRequests = orders * order.apiRequests;
  const refunds = orders * order.refunds;
  // From a click every few seconds on, the consumer is given many at a time.
  const busy = clicks > minutes * 12;
  const calls: Record<FunctionName, number> = {
    api: apiRequests,
    webhook: orders + otherEvents + refunds,
    redirect: clicks,
    rollups: busy ? minutes * 12 : clicks + 2 * orders,
    effects: orders * order.effectCalls + otherEvents + refunds,
    minute: minutes,
    day: daysAMonth,
    feedback: 0,
    alarm: 0,
  };
  const names = Object.keys(calls) as FunctionName[];
  const total = (of: (name: FunctionName) => number): number => names.reduce((sum, name) => sum + of(name), 0);
  const parts: [number, Units][] = [
    [minutes, measured.idleMinute],
    [orders, measured.sale],
    [orders, measured.saleAfter],
    [orders, measured.release],
    [otherEvents, measured.otherEvent],
    [refunds, measured.refund],
    [clicks, measured.click],
    [clicks, busy ? measured.clickCountedWithOthers : measured.clickCountedAlone],
    [apiRequests, measured.apiRequest],
  ];
  const units = (kind: keyof Units): number => parts.reduce((sum, [times, of]) => sum + times * of[kind], 0);
  const { kept, passing } = measured.saleBytes;
  const stored = gb(orders * (kept + passing) + clicks * measured.clickBytes.passing) + 0.001;
  const requests = clicks + otherEvents + orders + refunds + apiRequests + orders * order.portalVisits * visit.requests;
  const allCalls = total((name) => calls[name]);
  return {
    lambdaRequests: allCalls,
    lambdaGbS: total((name) => (calls[name] * estimated.billedMs[name] * deployed.memoryMb[name]) / 1024 / 1000),
    tableWrites: units("writes"),
    tableReads: units("reads"),
    tableGb: stored,
    backupGb: stored,
    frontRequests: requests,
    frontGb: gb(
      1000 *
        (orders * order.portalVisits * visit.kb +
          (requests - orders * order.portalVisits * visit.requests) * estimated.answerKb),
    ),
    frontFunctions: requests,
    logGb: gb(allCalls * estimated.logBytes),
    alarms: deployed.alarms[region],
    metrics: deployed.metrics,
    dashboards: deployed.dashboards,
    traces: total((name) => sampled(calls[name], minutes * 60)),
    mails: orders,
    schedules: minutes + daysAMonth,
    decrypts: (minutes / 5) * 2 * (orders > 100_000 ? estimated.warmInstances : 1),
    filesGb: 0.005,
  };
}
