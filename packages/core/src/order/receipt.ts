import { type Candidate, type Inputs, type Signal, seen } from "../attribution/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { type ProgramSnapshot, rulesOf } from "../program/index.ts";
import type { FrozenReceipt, OrderItem } from "./order.entity.ts";
import type { Attributed } from "./signals.ts";

/** Why a decision was made. */
export const causeOf = (receipt: FrozenReceipt): string => receipt.cause ?? "First decision";

/** How the cause of a decision by hand begins; the reason follows it. */
export const correctedByHand = "Corrected by hand";

const maxEarlier = 20;

/**
 * The receipt of a decision: what was seen and what became of it, the rules and the tier, all as they are now.
 * @param cause why it is decided again; undefined for the first decision
 */
export function freeze(
  ctx: Context,
  snapshot: ProgramSnapshot,
  { candidates, winner, rules, inputs }: Omit<Attributed, "waitingFor">,
  { before, cause }: { before?: FrozenReceipt | undefined; cause?: string | undefined } = {},
): FrozenReceipt {
  const { program, tiers } = snapshot;
  const tier = winner && tiers.find((each) => each.id === winner.tierId);
  if (winner && !tier)
    throw new AppError(
      "unavailable",
      "tier.not_loaded",
      "The tiers have just changed; the order is decided again by itself.",
      { retryAfterMs: 1000 },
    );
  return {
    revision: (before?.revision ?? 0) + 1,
    decidedAt: ctx.now().toISOString(),
    candidates,
    ...(Object.values(inputs).some((each) => each !== undefined) ? { inputs } : {}),
    rules: { ...rules, holdDays: before?.rules.holdDays ?? program.holdDays },
    tier: tier && { id: tier.id, name: tier.name, rateBp: tier.rateBp },
    reversals: before?.reversals,
    cause: before && (cause ?? "Decided again"),
    earlier: before && [
      ...(before.earlier ?? []).slice(-maxEarlier),
      { revision: before.revision, decidedAt: before.decidedAt, cause: causeOf(before) },
    ],
  };
}

/** The receipt of an order whose checkout is not known yet: what was seen so far, and that it waits. */
export const waitingReceipt = (
  ctx: Context,
  snapshot: ProgramSnapshot,
  signals: readonly Signal[],
  inputs: Inputs,
): FrozenReceipt =>
  freeze(ctx, snapshot, {
    candidates: signals.map((signal): Candidate => ({ ...seen(signal), outcome: "lost", rule: "awaits_checkout" })),
    winner: undefined,
    rules: rulesOf(snapshot.program),
    inputs,
  });

export const attributionOf = ({ winner }: Pick<Attributed, "winner">): OrderItem["attribution"] =>
  winner && { kind: winner.kind, ambassadorId: winner.ambassadorId, code: winner.code };
