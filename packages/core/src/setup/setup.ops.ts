import { applicationStatuses, type Setup } from "@laurel/contract";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { activeConnections, type ProgramSnapshot } from "../program/index.ts";
import { SightingEntity, sightingKey } from "../sighting/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, getItems, queryPage } from "../table/read.ts";
import { transact, write } from "../table/transact.ts";
import { SetupEntity, setupKey } from "./setup.entity.ts";
import { type Situation, stepsOf } from "./setup.ts";

/** What is to be done after a deployment. Once all is done, that is remembered, and nothing is asked any more. */
export async function get(ctx: Context): Promise<Setup> {
  authorize(ctx.actor, "setup.read");
  const finished = { finished: true, steps: [] };
  if (await getItem(ctx.table, setupKey)) return finished;
  const snapshot = await ctx.program();
  const [mail, eventSeen, applied] = await Promise.all([mailOf(ctx), anyEvent(ctx, snapshot), anyApplication(ctx)]);
  const steps = stepsOf({
    mail,
    eventSeen,
    applied,
    connected: activeConnections(snapshot).length > 0,
    settingsSaved: snapshot.program.version > 1,
  });
  if (steps.some(({ state }) => state !== "done")) return { finished: false, steps };
  // Refused where somebody else has just remembered it.
  const remembered = SetupEntity.create({ finishedAt: ctx.now().toISOString() }).params({ table: ctx.table.name });
  await transact(ctx.table, [write.put("setup", remembered)]);
  return finished;
}

async function mailOf(ctx: Context): Promise<Situation["mail"]> {
  try {
    return await ctx.gateways.mail.state();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { kind: "unknown", why: error.message };
  }
}

async function anyEvent(ctx: Context, snapshot: ProgramSnapshot): Promise<boolean> {
  const items = await getItems(
    ctx.table,
    activeConnections(snapshot).map(({ id }) => sightingKey(id)),
  );
  return items.some((item) => parse(SightingEntity, item)?.lastEventAt !== undefined);
}

async function anyApplication(ctx: Context): Promise<boolean> {
  const pages = await Promise.all(
    applicationStatuses.map((status) =>
      queryPage(ctx.table, { index: "gsi1", pk: `APPS#${status}` }, { limit: 1, newestFirst: true }),
    ),
  );
  return pages.some(({ items }) => items.length > 0);
}
