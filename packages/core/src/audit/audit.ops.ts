import type { Audit } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { authorize } from "../kernel/permission.ts";
import { monthBefore, monthOf } from "../kernel/time.ts";
import { parse } from "../table/entity.ts";
import { getItems, type Item, listPage, type Page, type Partition, queryPage } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { AuditEntity, type AuditItem } from "./audit.entity.ts";

/** The audit's line of an operation, written in its own transaction. */
export function recordAudit(
  ctx: Context,
  what: {
    action: string;
    subject: string;
    before?: Record<string, unknown>;
    after?: Record<string, unknown>;
    note?: string | undefined;
  },
): Write {
  const at = ctx.now().toISOString();
  const id = ctx.newId("audit");
  const { actor } = ctx;
  return write.put(
    id,
    AuditEntity.create({
      id,
      at,
      month: monthOf(at),
      ...what,
      actorKind: actor.kind,
      actorId: actor.kind === "person" ? actor.personId : actor.kind === "system" ? actor.name : undefined,
      requestId: ctx.requestId,
    }).params({ table: ctx.table.name }),
  );
}

/** What was done, newest first: to one thing, or to anything. */
export async function list(
  ctx: Context,
  { subject, cursor }: { subject?: string | undefined; cursor?: string | undefined },
): Promise<Page<Audit>> {
  authorize(ctx.actor, "audit.read");
  const partitions = subject === undefined ? await months(ctx) : [partitionOf(subject)];
  return listPage(ctx.table, partitions, {
    cursor,
    hydrate: async (found) => {
      const items = subject === undefined ? await getItems(ctx.table, found.map(keyOf)) : found;
      const lines = items.map((item) => parse(AuditEntity, item));
      const names = await namesOf(ctx, lines);
      return lines.map((line) => line && serialize(line, names));
    },
  });
}

const partitionOf = (subject: string): Partition => ({ pk: `AUDIT#${subject}` });
const keyOf = (item: Item) => ({ pk: item.pk as string, sk: item.sk as string });

/** The list looks at least so far back: a demo's clock has run behind the one that set the program up. */
const atLeastMonths = 13;

/** From this month back to the one in which the program was set up; what came before is not there. */
async function months(ctx: Context): Promise<Partition[]> {
  const { items } = await queryPage(ctx.table, partitionOf("program"), { limit: 1, newestFirst: false });
  let month = monthOf(ctx.now().toISOString());
  const first = items[0] ? monthOf(items[0].at as string) : month;
  const partitions: Partition[] = [];
  for (; month >= first || partitions.length < atLeastMonths; month = monthBefore(month))
    partitions.push({ index: "gsi1", pk: `AUDITS#${month}` });
  return partitions;
}

/** Names of the people who did it. Read by key here, since persons themselves are audited. */
async function namesOf(ctx: Context, lines: readonly (AuditItem | undefined)[]): Promise<ReadonlyMap<string, string>> {
  const ids = [
    ...new Set(lines.flatMap((line) => (line?.actorKind === "person" && line.actorId ? [line.actorId] : []))),
  ];
  const profiles = await getItems(
    ctx.table,
    ids.map((id) => ({ pk: `PERSON#${id}`, sk: "PROFILE" })),
  );
  return new Map(
    profiles.flatMap((profile, index) => (profile ? [[ids[index]!, profile.name as string] as const] : [])),
  );
}

const serialize = (line: AuditItem, names: ReadonlyMap<string, string>): Audit => ({
  id: line.id,
  at: line.at,
  actor: {
    kind: line.actorKind,
    id: line.actorId ?? null,
    name: (line.actorId && names.get(line.actorId)) || null,
  },
  action: line.action,
  subject: line.subject,
  before: line.before ?? null,
  after: line.after ?? null,
  note: line.note ?? null,
  requestId: line.requestId ?? null,
});
