import type { Rules, SavedRules } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { authorize } from "../kernel/permission.ts";
import { parse } from "../table/entity.ts";
import { getItem, listPage, type Page } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { RulesEntity } from "./rules.entity.ts";
import { completeRules } from "./rules.ts";

const placeOf = (version: number): string => String(version).padStart(6, "0");

/** The write that keeps a version of the rules for ever, for the transaction that puts it in force. */
export const keepRules = (ctx: Context, rules: Rules, savedAt = ctx.now().toISOString()): Write =>
  write.put(
    `rules ${rules.version}`,
    RulesEntity.put({ place: placeOf(rules.version), rules, savedAt }).params({ table: ctx.table.name }),
  );

/** One version of the rules; undefined where none of that number was ever in force. */
export async function findRules(ctx: Context, version: number): Promise<Rules | undefined> {
  const kept = parse(RulesEntity, await getItem(ctx.table, { pk: "RULES", sk: placeOf(version) }));
  return kept && completeRules(kept.rules);
}

/** All versions of the rules, the newest first. */
export async function listRules(ctx: Context, { cursor }: { cursor?: string | undefined }): Promise<Page<SavedRules>> {
  authorize(ctx.actor, "program.read");
  return listPage(ctx.table, [{ pk: "RULES" }], {
    cursor,
    hydrate: async (items) =>
      items.map((item) => {
        const { rules, savedAt } = parse(RulesEntity, item)!;
        return { ...completeRules(rules), savedAt };
      }),
  });
}
