import { type Price, type PriceId, prices, type Region } from "./prices.ts";
import type { Usage } from "./usage.ts";

export interface Line {
  id: PriceId;
  quantity: number;
  /** US dollars without anything free. */
  list: number;
  /** US dollars in an account that has its free amounts for itself. */
  paid: number;
}

export interface Bill {
  lines: Line[];
  list: number;
  paid: number;
}

export function billOf(usage: Usage, region: Region): Bill {
  const lines = (Object.entries(prices) as [PriceId, Price][]).map(([id, { usd, units, free }]): Line => {
    const quantity = usage[id];
    const each = usd[region] / units;
    return { id, quantity, list: quantity * each, paid: Math.max(0, quantity - free) * each };
  });
  const sum = (of: "list" | "paid") => lines.reduce((total, line) => total + line[of], 0);
  return { lines, list: sum("list"), paid: sum("paid") };
}
