import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Id } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { epochS } from "../kernel/time.ts";
import { keys } from "../table/keys.ts";
import { asUnavailable } from "../table/transact.ts";
import type { Signs } from "./signs.ts";

/** Clicks are kept as long as the widest click window and the slowest checkout together. */
const clickKeptDays = 400;

/**
 * Records one visit by an ambassador's link. A raw put, so that the redirect stays small; a test holds it equal to the entity's.
 * @returns the click's id, to travel with the visitor to the checkout
 */
export async function recordClick(
  ctx: Pick<Context, "now" | "newId" | "table">,
  code: { code: string; ambassadorId: string },
  signs: Signs = {},
): Promise<Id<"click">> {
  const id = ctx.newId("click");
  const now = ctx.now();
  try {
    await ctx.table.client.send(
      new PutCommand({
        TableName: ctx.table.name,
        Item: {
          id,
          code: code.code,
          ambassadorId: code.ambassadorId,
          at: now.toISOString(),
          ...signs,
          expiresAtEpochS: epochS(now) + clickKeptDays * 86_400,
          ...keys.click(id),
          __edb_e__: "click",
          __edb_v__: "1",
        },
      }),
    );
    return id;
  } catch (error) {
    throw asUnavailable(error);
  }
}
