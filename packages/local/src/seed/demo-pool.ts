import type { Bought } from "./demo-bought.ts";
import type { Span, Year } from "./demo-year.ts";

/**
 * The purchases to which something happens are taken out of the rest, so that the number of orders stays what it is. They are
 * taken from all over the year, but not from times in which other rules were tried.
 */
export interface Pool {
  taken: ReadonlySet<number>;
  /** @param span any time, also one of other rules; without it long enough ago for all of a story to be over by today */
  take(fits?: (bought: Bought) => boolean, span?: Span): Bought;
}

const longAgo: Span = [356, 50];
/** The golden section: however many are taken, they lie far from one another. */
const stride = (Math.sqrt(5) - 1) / 2;

export function poolOf(year: Year, sales: readonly Bought[], ordinary: (at: Date) => boolean): Pool {
  const taken = new Set<number>();
  const paid = sales.filter(({ sale }) => sale.payment === "paid");
  const usual = new Set(paid.filter(({ sale }) => ordinary(sale.at)));
  let takes = 0;
  return {
    taken,
    take: (fits = () => true, span) => {
      const [from, to] = (span ?? longAgo).map(year.daysAgo) as [Date, Date];
      const fitting = paid.filter(
        (each) =>
          !taken.has(each.sale.n) &&
          each.sale.at >= from &&
          each.sale.at < to &&
          (span !== undefined || usual.has(each)) &&
          fits(each),
      );
      const found = fitting[Math.floor(((++takes * stride) % 1) * fitting.length)];
      if (!found) throw new Error("The demo has too few sales for all that may happen to them");
      taken.add(found.sale.n);
      return found;
    },
  };
}
