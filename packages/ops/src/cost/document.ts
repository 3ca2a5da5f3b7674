import { type Bill, billOf } from "./bill.ts";
import { estimated, measured, type Units } from "./measured.ts";
import { extras, type Price, type PriceId, prices, pricesAsOf, type Region, regions } from "./prices.ts";
import { deployed, usageOf } from "./usage.ts";

const months = [
  { orders: 0, title: "Nothing happens" },
  { orders: 1_000, title: "1,000 orders" },
  { orders: 1_000_000, title: "1,000,000 orders" },
] as const;

const usd = (amount: number): string =>
  amount === 0
    ? "0"
    : amount < 0.005
      ? "< 0.01"
      : amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const count = (quantity: number): string =>
  quantity.toLocaleString("en", { maximumFractionDigits: quantity < 1 ? 3 : quantity < 100 ? 1 : 0 });
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, at) => (at === 0 ? "---" : "---:")), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
const plain = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

/** The whole of docs/cost.md. The same code and the same prices give the same text. */
export function costDocument(): string {
  const of = (orders: number, region: Region): Bill => billOf(usageOf(orders, region), region);
  const idle = of(0, "eu-central-1");
  return `# What it costs

<!-- Written by npm run cost from packages/ops/src/cost. Change that, not this. -->

**Idle, about ${usd(idle.paid)} USD a month.** Nothing is always on: no server, no database instance, no address, no key of our own. What is left is ${deployed.alarms["eu-central-1"]} alarms, of which an account has ten free, and a look at the table every minute.

Prices are AWS's list prices in US dollars without taxes, as they were known in ${pricesAsOf}. **Check them** on the pages below, or in the [AWS Pricing Calculator](https://calculator.aws); the quantities are measured and stay right. *With free amounts* is what an account pays that has AWS's always-free amounts for itself; a new account has credits or a first year on top, which are not counted. Every deployment has a budget alarm (\`LAUREL_BUDGET_USD\`, 20 if you say nothing).

## A month
${table(
  ["", ...regions.flatMap((region) => [`${region}, with free amounts`, "list price"])],
  months.map(({ title, orders }) => [
    title,
    ...regions.flatMap((region) => {
      const bill = of(orders, region);
      return [`**${usd(bill.paid)}**`, usd(bill.list)];
    }),
  ]),
)}

An order stands for all that comes with it: ${estimated.order.clicks} clicks, ${estimated.order.otherEvents} more events of the checkout, a mail to the ambassador, ${estimated.order.apiRequests} requests of the portal in ${estimated.order.portalVisits} visits, the release of its commission, and a refund in every twentieth. Clicks are ${clickShare()} % of what a million orders write to the table.

${months.map(({ title, orders }) => `### ${title}, eu-central-1\n${linesOf(of(orders, "eu-central-1"))}`).join("\n\n")}

## What costs extra, if you want it
${plain(
  ["what", "setting", "USD", "as known in", "source"],
  extras.map((extra) => [
    extra.what,
    extra.setting.startsWith("see") ? extra.setting : `\`${extra.setting}\``,
    extra.usd,
    pricesAsOf,
    `[page](${extra.source})`,
  ]),
)}

**Storage** grows with what is kept: ${count(measured.saleBytes.kept)} bytes an order for good, ${count(measured.saleBytes.passing)} for 14 to 90 days, and ${count(measured.clickBytes.passing)} a click for 400 days. A million orders a month with their clicks are about ${count(((measured.saleBytes.kept + estimated.order.clicks * measured.clickBytes.passing) * 1e6) / 1e9)} GB; the first 25 GB are free, point-in-time recovery is not (${usd(prices.backupGb.usd["eu-central-1"])} a GB and month).

**Metrics**: ${deployed.metrics}, as many as are free, and each costs only in hours in which it is written. **After \`npx sst remove\`** of \`prod\` the table stays, with its storage and its recovery; see [the runbook](runbook.md#remove-a-stage).

## Where the quantities come from
Measured on a real engine, each call counted by the sizes of its items (\`packages/ops/src/cost/measured.test.ts\` fails when they change; \`npm run bench -- sale\` prints a sale item by item):

${table(
  ["", "write units", "read units"],
  (
    [
      ["an attributed sale, until it is answered", measured.sale],
      ["what follows: figures, the thanks by mail", measured.saleAfter],
      ["another event of the checkout", measured.otherEvent],
      ["a refund, with what follows", measured.refund],
      ["the release of a commission", measured.release],
      ["a click", measured.click],
      ["counting it, alone", measured.clickCountedAlone],
      ["counting it among 24", measured.clickCountedWithOthers],
      ["a request of the portal", measured.apiRequest],
      ["a minute in which nothing is due", measured.idleMinute],
    ] as [string, Units][]
  ).map(([what, { writes, reads }]) => [what, count(writes), count(reads)]),
)}

Estimated, because only a real account can show them: billed milliseconds a call (${Object.entries(estimated.billedMs)
    .filter(([name]) => !["feedback", "alarm"].includes(name))
    .map(([name, ms]) => `${name} ${ms}`)
    .join(
      ", ",
    )}), ${estimated.logBytes / 1000} KB of log a call, ${estimated.visit.kb} KB in ${estimated.visit.requests} requests a visit, and what an order brings with it. Compare with the bill after a month, and change \`packages/ops/src/cost/measured.ts\`.

## Prices
${plain(
  ["what", "per", ...regions, "free each month", "as known in", "source"],
  (Object.values(prices) as Price[]).map((price) => [
    price.what,
    price.per,
    ...regions.map((region) => String(price.usd[region])),
    price.free > 0 ? count(price.free) : "–",
    pricesAsOf,
    `[page](${price.source})`,
  ]),
)}

Not listed, because they come to less than a cent: requests to S3, dead-letter queues (asked by nobody while empty), notifications, parameters of the standard tier (free), and what functions send to checkouts (100 GB a month are free).
`;
}

/** In percent, of a busy program's. */
function clickShare(): number {
  const { tableWrites } = usageOf(1_000_000);
  const each = measured.click.writes + measured.clickCountedWithOthers.writes;
  return Math.round((100 * 1_000_000 * estimated.order.clicks * each) / tableWrites);
}

const shown = ({ list }: { list: number }): boolean => list >= 0.005;

function linesOf(bill: Bill): string {
  const rows = bill.lines.filter(shown).map(({ id, quantity, list, paid }) => {
    const { what, per } = prices[id as PriceId];
    return [`${what} (${per})`, count(quantity), usd(paid), usd(list)];
  });
  return table(
    ["", "quantity", "with free amounts", "list price"],
    [...rows, ["**together**", "", `**${usd(bill.paid)}**`, usd(bill.list)]],
  );
}
