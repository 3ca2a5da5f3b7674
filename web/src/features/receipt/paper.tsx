import type { Receipt } from "@laurel/contract";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { formatRate } from "../../format/money.ts";
import { formatDay } from "../../format/time.ts";
import { commissionWords, orderWords } from "../../format/words.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { cx } from "../../ui/cx.ts";
import { Money, Time } from "../../ui/figures.tsx";
import { LaurelMark } from "../../ui/laurel.tsx";
import { publicProgramQuery } from "../session/session.ts";
import { leftMinor, reversalSteps, uncappedMinor } from "./figures.ts";

const causes: Record<Receipt["reversals"][number]["cause"], string> = {
  refund: "Refund",
  refund_failed: "Refund failed, given back",
  dispute: "Dispute",
  dispute_won: "Dispute over, given back",
  void: "Order void",
  restored: "Order valid again, given back",
  merged: "One purchase with another order",
  correction: "Correction",
};

/** The sums of a receipt, on paper: what was bought for, what counts, the share of it, and what was taken back. */
export function Paper({ receipt }: { receipt: Receipt }) {
  const program = useQuery(publicProgramQuery);
  const { order, base, rate, commission } = receipt;
  const { currency } = order;
  const steps = reversalSteps(receipt.reversals);
  const capped = rate && commission ? uncappedMinor(base.baseMinor, rate.rateBp) > commission.earnedMinor : false;

  return (
    <section aria-label="Sums" className="drop-shadow-[0_6px_18px_var(--shade)] print:drop-shadow-none">
      <div className="torn rounded-t-xl bg-card px-6 pt-7 text-[0.9375rem] sm:px-8">
        <div className="mb-6 text-center">
          <LaurelMark className="mx-auto size-9 text-leaf" />
          <p className="mt-1 font-serif text-xl">{program.data?.name ?? "Laurel"}</p>
          <p className="mt-1 text-sm text-soft">
            <Time at={order.occurredAt} />
          </p>
          {order.number && <p className="mt-0.5 font-semibold">Order {order.number}</p>}
          <p className="mt-0.5 font-mono text-soft text-xs">{receipt.orderId}</p>
          <div className="mt-3">
            <StateBadge words={orderWords[order.status]} />
          </div>
        </div>

        <Block title="What the commission is worked out on">
          {base.lines.map((line, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines are in a fixed order and two may be alike
            <Line key={index} label={line.label}>
              <Money minor={line.amountMinor} currency={currency} />
            </Line>
          ))}
          <Total label="Base">
            <Money minor={base.baseMinor} currency={currency} />
          </Total>
        </Block>

        {commission && rate ? (
          <Block title="Commission">
            <Line label={`${rate.tierName}, ${formatRate(rate.rateBp)} of the base`}>
              <Money minor={uncappedMinor(base.baseMinor, rate.rateBp)} currency={currency} />
            </Line>
            {capped && (
              <Line label="Cut by a cap">
                <Money
                  minor={commission.earnedMinor - uncappedMinor(base.baseMinor, rate.rateBp)}
                  currency={currency}
                />
              </Line>
            )}
            {steps.map((step) => (
              <Line
                key={step.at + step.cause}
                label={causes[step.cause]}
                note={
                  <>
                    <Time at={step.at} as="day" />, <Money minor={step.refundedMinor} currency={currency} /> refunded so
                    far
                  </>
                }
              >
                <Money minor={-step.stepMinor || 0} currency={currency} />
              </Line>
            ))}
            <Total label={steps.length > 0 ? "Left" : "Earned"} big>
              <Money minor={leftMinor(commission)} currency={currency} />
            </Total>
            <div className="mt-4 flex flex-wrap items-center justify-center gap-x-2.5 gap-y-1 text-center text-sm">
              <StateBadge words={commissionWords[commission.state]} />
              <Release commission={commission} />
            </div>
          </Block>
        ) : (
          <Block title="Commission">
            <p className="text-soft">None: the order counts for nobody.</p>
          </Block>
        )}

        {order.refundedMinor > 0 && (
          <p className="border-line border-t border-dashed pt-4 text-center text-sm text-soft">
            Paid <Money minor={order.grossMinor} currency={currency} />, refunded{" "}
            <Money minor={order.refundedMinor} currency={currency} />
          </p>
        )}
      </div>
    </section>
  );
}

function Release({ commission }: { commission: NonNullable<Receipt["commission"]> }) {
  switch (commission.state) {
    case "pending":
      return <span>To be released on {formatDay(commission.releaseDay)}</span>;
    case "held":
      return <span>Its release date is {formatDay(commission.releaseDay)}</span>;
    case "available":
      return <span>Released on {formatDay(commission.releaseDay)}</span>;
    case "reversed":
      return <span>Taken back with the order</span>;
  }
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="border-line border-t border-dashed py-5 break-inside-avoid">
      <h2 className="eyebrow mb-2.5">{title}</h2>
      {children}
    </div>
  );
}

function Line({ label, note, children }: { label: string; note?: ReactNode; children: ReactNode }) {
  return (
    <div className="py-1">
      <div className="flex items-baseline">
        <span className="min-w-0">{label}</span>
        <span aria-hidden className="leader" />
        {children}
      </div>
      {note && <div className="text-sm text-soft">{note}</div>}
    </div>
  );
}

function Total({ label, big = false, children }: { label: string; big?: boolean; children: ReactNode }) {
  return (
    <div
      className={cx(
        "mt-2 flex items-baseline justify-between gap-4 border-ink border-t pt-2 font-semibold",
        big && "font-serif text-2xl",
      )}
    >
      <span>{label}</span>
      {children}
    </div>
  );
}
