import type { Reapply } from "@laurel/contract";

/** The policy as the API takes it; undefined where the days are none. */
export function reapplyOf(policy: Reapply["policy"], days: string): Reapply | undefined {
  if (policy !== "after_days") return { policy };
  const count = /^\d{1,3}$/.test(days.trim()) ? Number(days) : 0;
  return count >= 1 && count <= 730 ? { policy, days: count } : undefined;
}
