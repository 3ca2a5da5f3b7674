import { CodeEntity, findCode, syncCode } from "../code/index.ts";
import { intend } from "../effect/index.ts";
import { inputOf, type JobItem, type Progress } from "../job/index.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { derivedId } from "../kernel/ids.ts";
import { activeConnections } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { keys } from "../table/keys.ts";
import { getItems, type Item, queryAll, queryPage } from "../table/read.ts";
import { transact } from "../table/transact.ts";

/** So many ambassadors are behind the cursor at once: a slice is short against the job's lease. */
const sliceSize = 8;
const atOnce = 4;
/** Longer than any process goes without reading the program anew. */
const knownEverywhereMs = 35_000;

const permission = "connection.change" as const;

/**
 * Puts the codes that there were at a checkout that is new. It begins when every process knows the connection: a code that
 * was made until then by one that did not is found here, and a later one is put there as it is made.
 */
export const codesOfConnection = {
  permission,
  names: async () => new Map<string, string>(),
  slice: async (ctx: Context, job: JobItem): Promise<Progress> => {
    const { connectionId } = await inputOf<{ connectionId: string }>(ctx, job);
    const snapshot = await ctx.program({ maxAgeMs: 0 });
    const connection = activeConnections(snapshot).find(({ id }) => id === connectionId);
    const ended = { cursor: job.cursor, done: true, counts: { done: 0, refused: 0 } };
    if (!connection) return ended;
    if (ctx.now().getTime() - Date.parse(connection.connectedAt ?? job.createdAt) < knownEverywhereMs)
      throw new AppError("unavailable", "connection.new", "It begins within a minute, once everything knows of it.");

    const { items, last } = await queryPage(
      ctx.table,
      { index: "gsi1", pk: "AMBS#active" },
      { limit: sliceSize, newestFirst: false, after: job.after ? (JSON.parse(job.after) as Item) : undefined },
    );
    const as: Context = { ...ctx, actor: { kind: "system", name: "codes" }, program: async () => snapshot };
    const codes = (await Promise.all(items.map((item) => codesOf(ctx, item)))).flat();
    const counts = { done: 0, refused: 0 };
    for (let at = 0; at < codes.length; at += atOnce) {
      const outcomes = await Promise.all(codes.slice(at, at + atOnce).map((code) => put(as, code)));
      for (const there of outcomes) counts[there ? "done" : "refused"]++;
    }
    return {
      cursor: job.cursor + items.length,
      after: last && JSON.stringify(last),
      done: last === undefined,
      counts,
    };
  },
};

/** The texts of an ambassador's codes. */
async function codesOf(ctx: Context, ambassador: Item): Promise<string[]> {
  const id = (ambassador.pk as string).slice("AMB#".length);
  const keys = await queryAll(ctx.table, { index: "gsi1", pk: `AMBCODES#${id}` });
  return keys.map((key) => (key.pk as string).slice("CODE#".length));
}

/** @returns whether every checkout has it now as it should be; else the code says why not */
async function put(ctx: Context, code: string): Promise<boolean> {
  await syncCode(ctx, code);
  return (await findCode(ctx, code))?.state !== "failed";
}

/**
 * Has each code of a campaign checked, by an effect of its own.
 * @param effectId from which theirs derive, so that doing it twice intends them once
 */
export async function checkCampaign(ctx: Context, campaignId: string, effectId: string): Promise<void> {
  let after: Item | undefined;
  do {
    const { items, last } = await queryPage(
      ctx.table,
      { index: "gsi1", pk: "AMBS#active" },
      { limit: sliceSize, newestFirst: false, after },
    );
    const texts = (await Promise.all(items.map((item) => codesOf(ctx, item)))).flat();
    const codes = (await getItems(ctx.table, texts.map(keys.code))).flatMap((item) => parse(CodeEntity, item) ?? []);
    await Promise.all(
      codes
        .filter((code) => code.campaignId === campaignId)
        .map((code) =>
          // Refused where it is there already, from a run before.
          transact(
            ctx.table,
            intend(ctx, "code.check", code.code, {}, { id: derivedId("effect", effectId, code.code) }),
          ),
        ),
    );
    after = last;
  } while (after);
}
