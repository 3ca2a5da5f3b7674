import type { PatchProgram, Program, PutQuestion, Question } from "@laurel/contract";
import { recordAudit } from "../audit/audit.ops.ts";
import { CampaignEntity } from "../campaign/campaign.entity.ts";
import { ConnectionEntity } from "../connection/connection.entity.ts";
import { commit } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import type { Table } from "../table/client.ts";
import { parse } from "../table/entity.ts";
import { getItem, type Item, queryAll } from "../table/read.ts";
import { write } from "../table/transact.ts";
import { TierEntity } from "../tier/tier.entity.ts";
import {
  approveAboveOf,
  claimDaysOf,
  fraudOf,
  ProgramEntity,
  type ProgramSettings,
  questionsOf,
} from "./program.entity.ts";
import type { ProgramSnapshot } from "./program.ts";
import { findRules, keepFormerRules, keepRules } from "./rules.ops.ts";
import { rulesOf } from "./rules.ts";

/** Reads the program's partition. @throws AppError unavailable before the program was set up */
export async function loadProgram(table: Table): Promise<ProgramSnapshot> {
  const items = await queryAll(table, { pk: "PROGRAM" });
  const all = <T>(prefix: string, read: (item: Item) => T | undefined) =>
    items.flatMap((item) => (item.sk.startsWith(prefix) ? [read(item)!] : []));
  const [program] = all("SETTINGS", (item) => parse(ProgramEntity, item));
  if (!program)
    throw new AppError("unavailable", "program.missing", "The program is not set up yet.", { retryAfterMs: 5000 });
  return {
    program,
    tiers: all("TIER#", (item) => parse(TierEntity, item)).sort((a, b) => a.position - b.position),
    campaigns: all("CAMPAIGN#", (item) => parse(CampaignEntity, item)),
    connections: all("CONNECTION#", (item) => parse(ConnectionEntity, item)),
  };
}

/** Remembers the snapshot for `maxAgeMs`; an outage shorter than that is not noticed. */
export function cachedProgram(table: Table, maxAgeMs = 30_000): { get: Context["program"]; forget: () => void } {
  let kept: { at: number; snapshot: Promise<ProgramSnapshot> } | undefined;
  return {
    get: (wish) => {
      if (!kept || performance.now() - kept.at > Math.min(maxAgeMs, wish?.maxAgeMs ?? maxAgeMs)) {
        const loading = { at: performance.now(), snapshot: loadProgram(table) };
        kept = loading;
        loading.snapshot.catch(() => {
          if (kept === loading) kept = undefined;
        });
      }
      return kept.snapshot;
    },
    forget: () => {
      kept = undefined;
    },
  };
}

/** Writes program, tiers, campaigns and connections where there is no program yet. Returns whether it did. */
export async function setUp(ctx: Context, snapshot: ProgramSnapshot): Promise<boolean> {
  const { table } = ctx;
  const at = { table: table.name };
  const done = await commit(ctx, [
    write.put("program", ProgramEntity.create(snapshot.program).params(at)),
    keepRules(ctx, rulesOf(snapshot.program)),
    ...snapshot.tiers.map((tier) => write.put(tier.id, TierEntity.create(tier).params(at))),
    ...snapshot.campaigns.map((campaign) => write.put(campaign.id, CampaignEntity.create(campaign).params(at))),
    ...snapshot.connections.map((connection) =>
      write.put(connection.id, ConnectionEntity.create(connection).params(at)),
    ),
    recordAudit(ctx, { action: "program.set_up", subject: "program", after: { name: snapshot.program.name } }),
  ]);
  return done.ok;
}

export async function get(ctx: Context): Promise<Program> {
  authorize(ctx.actor, "program.read");
  return serialize((await ctx.program()).program);
}

/**
 * Changes the program.
 * @throws AppError conflict when somebody changed it since `patch.version` was read; invalid for a question's id that is none
 */
export async function change(ctx: Context, patch: PatchProgram): Promise<Program> {
  authorize(ctx.actor, "program.change");
  const current = parse(ProgramEntity, await getItem(ctx.table, { pk: "PROGRAM", sk: "SETTINGS" }));
  if (!current) throw new AppError("unavailable", "program.missing", "The program is not set up yet.");
  const { version, rules, replyTo, questions, fraud, ...rest } = patch;
  const changedElsewhere = new AppError(
    "conflict",
    "program.changed",
    "Somebody else has changed the program meanwhile. Reload it and make your change again.",
  );
  if (version !== current.version) throw changedElsewhere;
  const next: ProgramSettings = {
    ...current,
    ...given(rest),
    replyTo: replyTo === undefined ? current.replyTo : (replyTo ?? undefined),
    questions: questions ? questions.map(named(ctx, questionsOf(current))) : current.questions,
    rules: rules ? { ...rulesOf(current), ...given(rules), version: current.rules.version + 1 } : current.rules,
    fraud: fraud ? { ...fraudOf(current), ...given(fraud) } : current.fraud,
    version: current.version + 1,
    updatedAt: ctx.now().toISOString(),
  };
  // A program that is older than the keeping of its rules.
  const unkept = rules && !(await findRules(ctx, current.rules.version));
  const changed = Object.keys(patch).filter((key) => key !== "version") as (keyof ProgramSettings)[];
  const done = await commit(ctx, [
    write.put(
      "program",
      ProgramEntity.put(next)
        .where((a, o) => o.eq(a.version, version))
        .params({ table: ctx.table.name }),
    ),
    ...(rules ? [keepRules(ctx, rulesOf(next))] : []),
    ...(unkept ? [keepFormerRules(ctx, rulesOf(current), current.updatedAt)] : []),
    recordAudit(ctx, {
      action: "program.changed",
      subject: "program",
      before: Object.fromEntries(changed.map((key) => [key, current[key]])),
      after: Object.fromEntries(changed.map((key) => [key, next[key]])),
    }),
  ]);
  if (!done.ok) throw changedElsewhere;
  return serialize(next);
}

const given = <T extends object>(changes: T): Partial<T> =>
  Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<T>;

/** Gives a new question its id; one that names an id must be among those that exist. */
const named =
  (ctx: Context, existing: readonly Question[]) =>
  (question: PutQuestion, at: number): Question => {
    if (question.id && !existing.some(({ id }) => id === question.id))
      throw new AppError(
        "invalid",
        "program.unknown_question",
        "There is no such question. Leave the id out to ask a new one.",
        { errors: [{ field: `questions.${at}.id`, message: "is not a question of this program" }] },
      );
    return { ...question, id: question.id ?? ctx.newId("question") };
  };

export const serialize = (program: ProgramSettings): Program => ({
  ...program,
  questions: questionsOf(program),
  replyTo: program.replyTo ?? null,
  rules: rulesOf(program),
  approveAbove: approveAboveOf(program),
  claimDays: claimDaysOf(program),
  fraud: fraudOf(program),
});
