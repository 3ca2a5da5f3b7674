import type { Rules, SavedRules } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { authorize } from "../kernel/permission.ts";
import { namesOf } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, listPage, type Page } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { RulesEntity } from "./rules.entity.ts";
import { completeRules } from "./rules.ts";

const placeOf = (version: number): string => String(version).padStart(6, "0");

/** The write that keeps a version of the rules for ever, for the transaction that puts it in force. */
export const keepRules = (ctx: Context, rules: Rules): Write =>
  keep(ctx, rules, ctx.now().toISOString(), ctx.actor.kind === "person" ? ctx.actor.personId : undefined);

/** The same for a version that was in force before versions were kept: who had saved it is not known any more. */
export const keepFormerRules = (ctx: Context, rules: Rules, savedAt: string): Write => keep(ctx, rules, savedAt);

const keep = (ctx: Context, rules: Rules, savedAt: string, savedBy?: string): Write =>
  write.put(
    `rules ${rules.version}`,
    RulesEntity.put({ place: placeOf(rules.version), rules, savedAt, savedBy }).params({ table: ctx.table.name }),
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
    hydrate: async (items) => {
      const kept = items.map((item) => parse(RulesEntity, item)!);
      const names = await namesOf(
        ctx.table,
        kept.map(({ savedBy }) => savedBy),
      );
      return kept.map(({ rules, savedAt, savedBy }) => ({
        ...completeRules(rules),
        savedAt,
        savedBy: savedBy ? { id: savedBy, name: names.get(savedBy) ?? null } : null,
      }));
    },
  });
}
