import type { SimulatedAmbassador, SimulatedCurrency, SimulatedOrder } from "@laurel/contract";
import { Link } from "@tanstack/react-router";
import { plural } from "../../format/words.ts";
import { cx } from "../../ui/cx.ts";
import { Money, Time } from "../../ui/figures.tsx";
import { Card } from "../../ui/page.tsx";
import { type Column, rowLink, Table } from "../../ui/table.tsx";
import { signed } from "./words.ts";

function Difference({ minor, currency }: { minor: number; currency: string }) {
  return (
    <span
      className={cx("whitespace-nowrap font-semibold tabular-nums", minor < 0 ? "text-bad" : minor > 0 && "text-good")}
    >
      {signed(minor, currency)}
    </span>
  );
}

/** What the program owes in one currency, as it stands and as it would. */
export function CurrencyCard({ figures }: { figures: SimulatedCurrency }) {
  const { currency, now, proposed, differenceMinor } = figures;
  const rows = [
    ["Earned", now.earnedMinor, proposed.earnedMinor],
    ["Taken back for refunds", now.reversedMinor, proposed.reversedMinor],
    ["What it costs", now.netMinor, proposed.netMinor],
  ] as const;
  return (
    <Card title={`Commissions in ${currency}`}>
      <table className="w-full text-[0.9375rem]">
        <caption className="sr-only">Commissions in {currency}, now and under these rules</caption>
        <thead>
          <tr className="border-line border-b text-left text-sm text-soft">
            <th scope="col" className="py-2 pr-3 font-normal">
              <span className="sr-only">What</span>
            </th>
            <th scope="col" className="py-2 pr-3 text-right font-normal">
              Now
            </th>
            <th scope="col" className="py-2 text-right font-normal">
              Then
            </th>
          </tr>
        </thead>
        <tbody>
          <tr className="border-line border-b">
            <th scope="row" className="py-2.5 pr-3 text-left font-normal">
              Orders of ambassadors
            </th>
            <td className="py-2.5 pr-3 text-right tabular-nums">{now.orders}</td>
            <td className="py-2.5 text-right tabular-nums">{proposed.orders}</td>
          </tr>
          {rows.map(([name, before, after], at) => (
            <tr key={name} className={cx("border-line border-b", at === rows.length - 1 && "font-semibold")}>
              <th scope="row" className={cx("py-2.5 pr-3 text-left", at < rows.length - 1 && "font-normal")}>
                {name}
              </th>
              <td className="py-2.5 pr-3 text-right">
                <Money minor={before} currency={currency} />
              </td>
              <td className="py-2.5 text-right">
                <Money minor={after} currency={currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="mt-3 text-right">
        <span className="text-soft text-sm">Difference </span>
        {/* What the program saves is no loss, and what it pays more no gain: the sign says enough. */}
        <span className="font-semibold tabular-nums">{signed(differenceMinor, currency)}</span>
      </p>
    </Card>
  );
}

const columnsOf = (currency: string): Column<SimulatedAmbassador>[] => [
  {
    head: "Ambassador",
    cell: ({ ambassadorId, name }) => (
      <Link to="/ambassadors/$ambassadorId" params={{ ambassadorId }} className={rowLink}>
        {name ?? "Erased"}
      </Link>
    ),
  },
  {
    head: "Orders",
    align: "end",
    cell: ({ ordersNow, ordersProposed }) => (
      <span className="whitespace-nowrap tabular-nums">
        {ordersNow === ordersProposed ? ordersNow : `${ordersNow} → ${ordersProposed}`}
      </span>
    ),
  },
  { head: "Now", align: "end", cell: ({ nowMinor }) => <Money minor={nowMinor} currency={currency} /> },
  { head: "Then", align: "end", cell: ({ proposedMinor }) => <Money minor={proposedMinor} currency={currency} /> },
  {
    head: "Difference",
    align: "end",
    cell: ({ differenceMinor }) => <Difference minor={differenceMinor} currency={currency} />,
  },
];

/** Who gains and who loses in one currency, those whom it concerns most first. */
export function People({ figures }: { figures: SimulatedCurrency }) {
  const { currency, gains, losses, earnMore, earnLess } = figures;
  return (
    <>
      {(
        [
          ["earn less", losses, earnLess],
          ["earn more", gains, earnMore],
        ] as const
      ).map(([how, people, all]) =>
        people.length > 0 ? (
          <section key={how} aria-label={`Who would ${how} in ${currency}`}>
            <h2 className="mb-3 font-serif text-xl">
              Who would {how} in {currency}
            </h2>
            <Table
              caption={`Ambassadors who would ${how} in ${currency}`}
              columns={columnsOf(currency)}
              rows={people}
              keyOf={(each) => each.ambassadorId}
            />
            {all > people.length && (
              <p className="mt-2 text-soft text-sm">
                And {plural(all - people.length, "other", "others")}, whom it concerns less.
              </p>
            )}
          </section>
        ) : null,
      )}
    </>
  );
}

const orderColumns: Column<SimulatedOrder>[] = [
  {
    head: "Order",
    cell: ({ orderId, number, occurredAt, sentence }) => (
      <>
        <Link to="/orders/$orderId" params={{ orderId }} className={rowLink}>
          {number ?? <Time at={occurredAt} />}
        </Link>
        <span className="mt-0.5 block font-normal text-soft text-sm">{sentence}</span>
      </>
    ),
  },
  {
    head: "Whose",
    cell: ({ from, to }) => (
      <span className="md:whitespace-nowrap">
        {from ?? "Nobody"} <span className="sr-only">would become</span>
        <span aria-hidden>→</span> {to ?? "Nobody"}
      </span>
    ),
  },
  {
    head: "Difference",
    align: "end",
    cell: ({ differenceMinor, currency }) => (
      <span className="whitespace-nowrap tabular-nums">{signed(differenceMinor, currency)}</span>
    ),
  },
];

/** Some of the orders that change hands, and why. */
export function Examples({ orders, all }: { orders: readonly SimulatedOrder[]; all: number }) {
  if (orders.length === 0) return null;
  return (
    <section aria-label="Orders that would change hands">
      <h2 className="mb-3 font-serif text-xl">Orders that would change hands</h2>
      <Table
        caption="Orders that would change hands"
        columns={orderColumns}
        rows={orders}
        keyOf={(order) => order.orderId}
      />
      {all > orders.length && (
        <p className="mt-2 text-soft text-sm">
          {orders.length} of {all}, those of most money first.
        </p>
      )}
    </section>
  );
}
