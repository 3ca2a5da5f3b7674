import type { Claim, ClaimDetail, ClaimState, OwnClaim } from "@laurel/contract";
import { queryOptions } from "@tanstack/react-query";
import { get } from "../../api/client.ts";
import { pages } from "../../api/pages.ts";
import type { Tone } from "../../format/words.ts";

export const claimWords: Record<ClaimState, { label: string; tone: Tone }> = {
  open: { label: "Open", tone: "wait" },
  approved: { label: "Approved", tone: "good" },
  declined: { label: "Declined", tone: "bad" },
  withdrawn: { label: "Withdrawn", tone: "quiet" },
};

export const claimPath = (id: string) => `/api/claims/${encodeURIComponent(id)}`;

export const claimsQuery = (state: ClaimState) => pages<Claim>(["claims"], "/api/claims", { state });
export const ownClaimsQuery = () => pages<OwnClaim>(["me", "claims"], "/api/me/claims");
export const claimQuery = (id: string) =>
  queryOptions({
    queryKey: ["claims", "one", id],
    queryFn: ({ signal }) => get<ClaimDetail>(claimPath(id), {}, signal),
  });
