import { intend } from "../effect/index.ts";
import type { Context } from "../kernel/context.ts";
import { parse } from "../table/entity.ts";
import { keys } from "../table/keys.ts";
import { getItems, queryAll } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { CodeEntity, type CodeItem, promotionCodesOf } from "./code.entity.ts";
import { promoWrite } from "./sync.ops.ts";

/**
 * All codes of an ambassador as they are stored now, the oldest first.
 * @param known texts that the ambassador names: the index may lag behind, and each of them must be there
 */
export async function codeItemsOf(ctx: Context, ambassadorId: string, known: readonly string[]): Promise<CodeItem[]> {
  const found = await queryAll(ctx.table, { index: "gsi1", pk: `AMBCODES#${ambassadorId}` });
  const wanted = new Map([
    ...found.map((key) => [key.pk as string, { pk: key.pk as string, sk: key.sk as string }] as const),
    ...known.map((code) => [keys.code(code).pk, keys.code(code)] as const),
  ]);
  const items = await getItems(ctx.table, [...wanted.values()]);
  return items
    .flatMap((item) => parse(CodeEntity, item) ?? [])
    .filter((code) => code.ambassadorId === ambassadorId)
    .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

/**
 * The writes that bring a code's copies of its ambassador up to date, those of its promotion codes
 * with them, and have every checkout agree. For the transaction that changes the ambassador.
 */
export function restateCode(
  ctx: Context,
  read: CodeItem,
  changes: Partial<
    Pick<CodeItem, "ambassadorStatus" | "joinedAt" | "tierId" | "state" | "primary" | "endsAt" | "replacedBy">
  >,
): { item: CodeItem; writes: Write[] } {
  const item: CodeItem = { ...read, ...changes, version: read.version + 1 };
  return {
    item,
    writes: [
      write.put(
        `code ${item.code}`,
        CodeEntity.put(item)
          .where((attributes, operation) => operation.eq(attributes.version, read.version))
          .params({ table: ctx.table.name }),
      ),
      ...Object.entries(promotionCodesOf(item)).map(([connectionId, promotionCodeId]) =>
        promoWrite(ctx, item, connectionId, promotionCodeId),
      ),
      ...intend(ctx, "code.sync", item.code, {}),
    ],
  };
}
