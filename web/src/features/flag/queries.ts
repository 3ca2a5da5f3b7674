import type { Flag, FlagSeverity, FlagState } from "@laurel/contract";
import { pages } from "../../api/pages.ts";
import type { Tone } from "../../format/words.ts";

export const flagStates: readonly FlagState[] = ["open", "cleared", "confirmed", "expired"];

export const flagWords: Record<FlagState, { label: string; tone: Tone }> = {
  open: { label: "Open", tone: "wait" },
  cleared: { label: "Cleared", tone: "good" },
  confirmed: { label: "Confirmed", tone: "bad" },
  expired: { label: "Expired", tone: "quiet" },
};

export const severityWords: Record<FlagSeverity, { label: string; tone: Tone }> = {
  low: { label: "Low", tone: "quiet" },
  medium: { label: "Medium", tone: "wait" },
  high: { label: "High", tone: "bad" },
};

/** Signals of a code that others use. */
export const leaks: ReadonlySet<Flag["rule"]> = new Set(["velocity", "burst_without_clicks", "coupon_site"]);

export const flagsQuery = (state: FlagState, ambassadorId: string | undefined) =>
  pages<Flag>(["flags"], "/api/flags", { state, ambassadorId });
