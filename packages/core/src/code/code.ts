import type { Code } from "@laurel/contract";
import { offerOf } from "../campaign/index.ts";
import type { ProgramSnapshot } from "../program/index.ts";
import { type CodeItem, promotionCodesOf } from "./code.entity.ts";

/** The wish that every checkout is made to agree with: a code works while its ambassador is active, unless it was replaced. */
export const shouldBeActive = ({ ambassadorStatus, endsAt }: CodeItem, now: Date): boolean =>
  ambassadorStatus === "active" && (endsAt === undefined || endsAt > now.toISOString());

export function serialize(code: CodeItem, snapshot: ProgramSnapshot, publicOrigin: string): Code {
  const campaign = snapshot.campaigns.find((each) => each.id === code.campaignId);
  const promotionCodes = promotionCodesOf(code);
  const connection = snapshot.connections.find((each) => promotionCodes[each.id] !== undefined);
  return {
    code: code.code,
    state: code.state,
    stateReason: code.stateReason ?? null,
    promotionCodeId: connection ? promotionCodes[connection.id]! : null,
    campaignId: code.campaignId,
    // A campaign that was made less than the cache's age ago is not known here yet.
    campaignName: campaign?.name ?? "",
    offer: campaign ? offerOf(campaign) : "",
    link: `${publicOrigin}/r/${code.code}`,
    primary: code.primary,
    createdAt: code.createdAt,
    endsAt: code.endsAt ?? null,
  };
}

/** What Laurel writes on a promotion code, so that it knows its own again. Ids only. */
export const metadataOf = (code: CodeItem): Record<string, string> => ({
  laurel_code: code.code,
  laurel_ambassador: code.ambassadorId,
  laurel_campaign: code.campaignId,
});

/** Whether a checkout's promotion code is this very code, and not one that the shop or another program made. */
export const isOurs = (code: CodeItem, metadata: Record<string, string>): boolean =>
  metadata.laurel_code === code.code && (metadata.laurel_ambassador ?? code.ambassadorId) === code.ambassadorId;
