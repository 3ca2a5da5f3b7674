import type { Code } from "@laurel/contract";
import type { Campaign } from "../campaign/index.ts";
import { intend } from "../effect/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { sha256 } from "../kernel/secrecy.ts";
import { parse } from "../table/entity.ts";
import { keys } from "../table/keys.ts";
import { getItem, getItems, type Item, listPage, type Page, queryAll } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { CodeEntity, type CodeItem } from "./code.entity.ts";
import { serialize } from "./code.ts";

const ofAmbassador = (ambassadorId: string) => ({ index: "gsi1" as const, pk: `AMBCODES#${ambassadorId}` });

const read = async (ctx: Context, found: readonly Item[]): Promise<(CodeItem | undefined)[]> =>
  (
    await getItems(
      ctx.table,
      found.map((key) => ({ pk: key.pk, sk: key.sk })),
    )
  ).map((item) => parse(CodeEntity, item));

/** The stored item, for other operations. @param code in upper case */
export const findCode = async (ctx: Context, code: string): Promise<CodeItem | undefined> =>
  parse(CodeEntity, await getItem(ctx.table, keys.code(code)));

/** All codes of an ambassador, the primary one first, then the oldest first. The caller has checked the right to see them. */
export async function codesOf(ctx: Context, ambassadorId: string): Promise<Code[]> {
  const [snapshot, codes] = await Promise.all([
    ctx.program(),
    queryAll(ctx.table, ofAmbassador(ambassadorId)).then((found) => read(ctx, found)),
  ]);
  return codes
    .flatMap((code) => (code ? [serialize(code, snapshot, ctx.publicOrigin)] : []))
    .sort((a, b) => Number(b.primary) - Number(a.primary));
}

/** The codes of the ambassador who asks, the oldest first. */
export async function listOwn(ctx: Context, { cursor }: { cursor?: string | undefined } = {}): Promise<Page<Code>> {
  const { actor } = ctx;
  authorize(actor, "me.earnings");
  if (actor.kind !== "person" || !actor.ambassadorId) return { items: [], cursor: null };
  const snapshot = await ctx.program();
  return listPage(ctx.table, [ofAmbassador(actor.ambassadorId)], {
    cursor,
    newestFirst: false,
    hydrate: async (found) =>
      (await read(ctx, found)).map((code) => code && serialize(code, snapshot, ctx.publicOrigin)),
  });
}

/** So many candidates are looked up at first; twice as many each time that all of them are taken. */
const firstLookUp = 4;

/**
 * The texts that a person's code may have and nobody has, best first. One of them may be taken by the time it is
 * written; the item's own condition decides, and then the next one is asked for. To judge a text takes longer than to
 * look it up, so no more of them are made than are asked for.
 * @param seed the same seed gives the same candidates, so that a demo repeats
 */
export async function* freeCodes(ctx: Context, name: string, campaign: Campaign, seed: string): AsyncGenerator<string> {
  // Loaded when a code is named: names in any script and the word lists are heavy, and a sale needs neither.
  const { codeCandidates } = await import("./naming.ts");
  let some: string[] = [];
  let wanted = firstLookUp;
  for (const code of codeCandidates(name, campaign.percentOff, randomOf(seed))) {
    some.push(code);
    if (some.length < wanted) continue;
    yield* freeOf(ctx, some);
    some = [];
    wanted *= 2;
  }
  yield* freeOf(ctx, some);
}

async function* freeOf(ctx: Context, codes: readonly string[]): AsyncGenerator<string> {
  const taken = await getItems(ctx.table, codes.map(keys.code));
  for (const [index, code] of codes.entries()) if (!taken[index]) yield code;
}

export const noFreeCode = () =>
  new AppError("conflict", "code.none_free", "Every code that fits this name is taken. Try once more for others.");

/** The name of the write that fails when the text belongs to a code already. */
export const codeTaken = "code";

/** The writes that make a code and have it made at every checkout, for the transaction that needs it. */
export function newCode(
  ctx: Context,
  what: Pick<CodeItem, "code" | "ambassadorId" | "campaignId" | "tierId" | "primary"> & { joinedAt: string },
): { item: CodeItem; writes: Write[] } {
  assert(/^[A-Z0-9]{3,20}$/.test(what.code), "a code has 3 to 20 characters, A to Z and 0 to 9");
  const item: CodeItem = {
    ...what,
    ambassadorStatus: "active",
    state: "activating",
    promotionCodes: {},
    refusals: 0,
    createdAt: ctx.now().toISOString(),
    version: 1,
  };
  return {
    item,
    writes: [
      write.put(codeTaken, CodeEntity.create(item).params({ table: ctx.table.name })),
      ...intend(ctx, "code.sync", item.code, {}),
    ],
  };
}

/** The writes that give a code which has failed another try at every checkout, as its active ambassador stands now. */
export function renewCode(
  ctx: Context,
  refused: CodeItem,
  what: Partial<Pick<CodeItem, "campaignId" | "tierId" | "primary" | "joinedAt">> = {},
): { item: CodeItem; writes: Write[] } {
  const item: CodeItem = {
    ...refused,
    ...what,
    ambassadorStatus: "active",
    state: "activating",
    stateReason: undefined,
    version: refused.version + 1,
  };
  return {
    item,
    writes: [
      write.put(
        codeTaken,
        CodeEntity.put(item)
          .where((attributes, operation) => operation.eq(attributes.version, refused.version))
          .params({ table: ctx.table.name }),
      ),
      ...intend(ctx, "code.sync", item.code, {}),
    ],
  };
}

/** Numbers from 0 up to 1 that follow from a seed: mulberry32 (https://gist.github.com/tommyettinger/46a874533244883189143505d203312c). */
function randomOf(seed: string): () => number {
  let state = Number.parseInt(sha256(seed).slice(0, 8), 16);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
