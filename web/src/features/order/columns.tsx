import type { Order } from "@laurel/contract";
import { Link } from "@tanstack/react-router";
import { commissionWords, orderWords, signalWords } from "../../format/words.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Money, Time } from "../../ui/figures.tsx";
import { type Column, rowLink } from "../../ui/table.tsx";
import { ReleaseDay } from "./release-day.tsx";

/** What the ambassador keeps of an order's commission. */
export const keptMinor = (commission: { earnedMinor: number; reversedMinor: number }): number =>
  commission.earnedMinor - commission.reversedMinor;

/** The columns of a list of orders; an ambassador needs no word on whose they are. */
export function orderColumns(audience: "staff" | "ambassador"): Column<Order>[] {
  const columns: Column<Order>[] = [
    {
      head: "Placed",
      cell: (row) =>
        audience === "staff" ? (
          <Link to="/orders/$orderId" params={{ orderId: row.id }} className={rowLink}>
            <Time at={row.occurredAt} />
            {row.number && <span className="ml-2 font-normal text-sm text-soft md:ml-0 md:block">{row.number}</span>}
          </Link>
        ) : (
          <Link to="/home/orders/$orderId" params={{ orderId: row.id }} className={rowLink}>
            <Time at={row.occurredAt} as="day" />
            {row.number && <span className="ml-2 font-normal text-sm text-soft md:ml-0 md:block">{row.number}</span>}
          </Link>
        ),
    },
    { head: "Status", corner: true, cell: (row) => <StateBadge words={orderWords[row.status]} /> },
    {
      head: "Counted by",
      cell: (row) =>
        row.attribution ? (
          <>
            {row.attribution.code && <span className="font-mono">{row.attribution.code}</span>}
            <span className="ml-2 text-sm text-soft md:ml-0 md:block">{signalWords[row.attribution.reason]}</span>
          </>
        ) : (
          <span className="text-soft">Nobody</span>
        ),
    },
    {
      head: "Customer",
      cell: (row) =>
        row.newCustomer === null ? (
          <span className="text-soft">Not known</span>
        ) : row.newCustomer ? (
          <Badge tone="good">New</Badge>
        ) : (
          "Returning"
        ),
    },
    { head: "Total", cell: (row) => <Money minor={row.grossMinor} currency={row.currency} />, align: "end" },
    {
      head: "Commission",
      cell: (row) =>
        row.commission ? (
          <>
            <Money minor={keptMinor(row.commission)} currency={row.currency} className="font-semibold" />
            <span className="ml-2 text-sm text-soft md:ml-0 md:block">
              {commissionWords[row.commission.state].label}
              {row.commission.state === "pending" && (
                <>
                  {" until "}
                  <ReleaseDay of={row.commission} />
                </>
              )}
            </span>
          </>
        ) : (
          <span className="text-soft">None</span>
        ),
      align: "end",
    },
  ];
  return columns;
}
