import type { Context } from "../kernel/context.ts";
import { monthOf } from "../kernel/time.ts";
import { type Write, write } from "../table/transact.ts";
import { AuditEntity } from "./audit.entity.ts";

/** The audit's line of an operation, written in its own transaction. */
export function recordAudit(
  ctx: Context,
  what: { action: string; subject: string; before?: Record<string, unknown>; after?: Record<string, unknown>; note?: string | undefined },
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
