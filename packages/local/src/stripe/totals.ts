/** One line of a checkout, in minor units of its currency. */
export interface PricedLine {
  unitAmount: number;
  quantity: number;
  /** A tax as a percentage; `inclusive` when the price contains it. */
  tax: { percentage: number; inclusive: boolean } | undefined;
}

export type Offer = { percentOff: number } | { amountOff: number };

/** A line's part in the totals. `total` is what is paid for it, `tax` the tax in or on top of it. */
export interface LineTotals {
  subtotal: number;
  discount: number;
  tax: number;
  total: number;
}

/** A share of an amount in percent, half up; percentages have at most four decimals. */
const percentOf = (amount: number, percentage: number, base = 100): number => {
  const part = BigInt(Math.round(percentage * 10_000));
  const whole = BigInt(Math.round(base * 10_000));
  return Number((BigInt(amount) * part * 2n + whole) / (whole * 2n));
};

/**
 * What a checkout costs. The discount is taken from the goods, spread over the lines in the proportion of their amounts,
 * and tax is counted on what is left; shipping is neither discounted nor taxed here.
 */
export function totalsOf(lines: readonly PricedLine[], offer: Offer | undefined, shipping: number) {
  const subtotals = lines.map((line) => line.unitAmount * line.quantity);
  const subtotal = subtotals.reduce((sum, each) => sum + each, 0);
  const wanted = !offer ? 0 : "percentOff" in offer ? percentOf(subtotal, offer.percentOff) : offer.amountOff;
  const discount = Math.min(wanted, subtotal);
  const each = spread(discount, subtotals).map((share, at): LineTotals => {
    const net = subtotals[at]! - share;
    const tax = lines[at]!.tax;
    const taxed = !tax
      ? 0
      : tax.inclusive
        ? percentOf(net, tax.percentage, 100 + tax.percentage)
        : percentOf(net, tax.percentage);
    return { subtotal: subtotals[at]!, discount: share, tax: taxed, total: net + (tax && !tax.inclusive ? taxed : 0) };
  });
  const tax = each.reduce((sum, line) => sum + line.tax, 0);
  return {
    lines: each,
    subtotal,
    discount,
    tax,
    shipping,
    total: each.reduce((sum, line) => sum + line.total, 0) + shipping,
  };
}

/** Cuts an amount into parts in the proportion of weights; what is left over goes one unit each to the first ones. */
function spread(amount: number, weights: readonly number[]): number[] {
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  if (whole === 0) return weights.map(() => 0);
  const parts = weights.map((weight) => Number((BigInt(amount) * BigInt(weight)) / BigInt(whole)));
  let left = amount - parts.reduce((sum, part) => sum + part, 0);
  for (let at = 0; left > 0; at++)
    if (parts[at]! < weights[at]!) {
      parts[at]!++;
      left--;
    }
  return parts;
}
