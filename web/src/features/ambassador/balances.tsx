import type { Balance } from "@laurel/contract";
import { cx } from "../../ui/cx.ts";
import { Money } from "../../ui/figures.tsx";

/** Accounts in which nothing ever moved say nothing. */
const isUsed = (balance: Balance) =>
  [balance.pendingMinor, balance.heldMinor, balance.availableMinor, balance.inPayoutMinor, balance.paidMinor].some(
    (amount) => amount !== 0,
  );

/** What is due, per currency, each figure with what it means. */
export function Balances({ items, yours }: { items: Balance[]; yours: boolean }) {
  const used = items.filter(isUsed);
  if (used.length === 0)
    return (
      <p className="text-soft">
        {yours ? "Nothing yet. Your first order with your code appears here." : "Nothing earned yet."}
      </p>
    );
  return (
    <div className="space-y-5 divide-y divide-line [&>*:not(:last-child)]:pb-5">
      {used.map((balance) => (
        <div key={balance.currency}>
          <dl aria-label={`Balance in ${balance.currency}`} className="grid grid-cols-2 gap-x-6 gap-y-4">
            <div className="col-span-2">
              <dt className="text-sm text-soft">{yours ? "Ready to be paid out" : "Available"}</dt>
              <dd>
                <Money
                  minor={balance.availableMinor}
                  currency={balance.currency}
                  className={cx("font-serif text-3xl", balance.availableMinor < 0 && "text-bad")}
                />
              </dd>
            </div>
            {(balance.pendingMinor !== 0 || balance.heldMinor === 0) && (
              <Figure
                name="Pending"
                minor={balance.pendingMinor}
                currency={balance.currency}
                hint="waits for its release date"
              />
            )}
            {balance.heldMinor !== 0 && (
              <Figure
                name="On hold"
                minor={balance.heldMinor}
                currency={balance.currency}
                hint="the team is checking"
              />
            )}
            {balance.inPayoutMinor !== 0 && (
              <Figure name="In payout" minor={balance.inPayoutMinor} currency={balance.currency} hint="on its way" />
            )}
            <Figure name="Paid so far" minor={balance.paidMinor} currency={balance.currency} />
          </dl>
          {balance.availableMinor < 0 && (
            <p className="mt-3 text-sm text-soft">
              Below zero: an order was refunded after its commission had been paid. The next commissions make up for it.
            </p>
          )}
        </div>
      ))}
    </div>
  );
}

function Figure({ name, minor, currency, hint }: { name: string; minor: number; currency: string; hint?: string }) {
  return (
    <div>
      <dt className="text-sm text-soft">{name}</dt>
      <dd>
        <Money minor={minor} currency={currency} className="text-xl" />
        {hint && <span className="block text-sm text-soft">{hint}</span>}
      </dd>
    </div>
  );
}
