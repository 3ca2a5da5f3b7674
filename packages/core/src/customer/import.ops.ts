import type { ImportCustomers, Job } from "@laurel/contract";
import { recordAudit } from "../audit/index.ts";
import { begunBefore, inputOf, type JobItem, newJob, type Progress, shown } from "../job/index.ts";
import { commit } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError, assert } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { emailKey, emailKeyOfHash } from "../kernel/secrecy.ts";
import { parse } from "../table/entity.ts";
import { getItems } from "../table/read.ts";
import { jitter, transact, write } from "../table/transact.ts";
import { type Customer, CustomerEntity } from "./customer.entity.ts";

const permission = "customer.import" as const;
/** So many are behind the cursor at once: one read, and a few transactions side by side. */
const sliceSize = 100;
const ofTransaction = 25;
const tries = 5;

/**
 * Begins to take in people who bought before, so that orders tell who is new. What is stored of each is the keyed hash by
 * which a buyer is known anyway, and when the list came; neither address nor plain hash is kept.
 * @throws AppError invalid that names the first row which is neither an address nor a SHA-256
 */
export async function importCustomers(ctx: Context, { customers }: ImportCustomers): Promise<{ job: Job }> {
  authorize(ctx.actor, permission);
  const begun = await begunBefore(ctx);
  if (begun) return begun;
  const keys = [...new Set(customers.map((entry, row) => keyOf(ctx, entry, row)))];
  const { job, writes } = newJob(ctx, { kind: "customers.import", input: { keys }, total: keys.length });
  const done = await commit(
    ctx,
    [
      ...writes,
      recordAudit(ctx, {
        action: "job.started",
        subject: job.id,
        after: { kind: "customers.import", rows: keys.length },
      }),
    ],
    { jobId: job.id },
  );
  assert(done.ok, "a new id is nobody else's");
  return { job: await shown(ctx, job) };
}

function keyOf(ctx: Context, entry: string, row: number): string {
  const text = entry.trim();
  if (/^[0-9a-f]{64}$/i.test(text)) return emailKeyOfHash(ctx.keys, text);
  if (/^[^\s@]{1,64}@[^\s@]+\.[^\s@]+$/.test(text)) return emailKey(ctx.keys, text);
  // What stands there is somebody's, or was meant to be: it is not repeated.
  throw new AppError(
    "invalid",
    "customer.not_an_address",
    `Row ${row + 1} is neither an e-mail address nor a SHA-256 of one. Correct or remove it, and send the list again; nothing was taken in.`,
  );
}

/**
 * Long work: marks each customer as one who bought before. Repeating a part changes nothing. Whoever was known already counts
 * as not done; a slice that is done again after a crash finds its own marks, and counts them so too.
 */
export const customersImport = {
  permission,
  names: async () => new Map<string, string>(),
  slice: async (ctx: Context, job: JobItem): Promise<Progress> => {
    const { keys } = await inputOf<{ keys: string[] }>(ctx, job);
    const slice = keys.slice(job.cursor, job.cursor + sliceSize);
    const parts = Array.from({ length: Math.ceil(slice.length / ofTransaction) }, (_, at) =>
      slice.slice(at * ofTransaction, (at + 1) * ofTransaction),
    );
    const added = (await Promise.all(parts.map((part) => mark(ctx, part)))).reduce((sum, each) => sum + each, 0);
    const cursor = job.cursor + slice.length;
    return { cursor, done: cursor >= keys.length, counts: { done: added, refused: slice.length - added } };
  },
};

/**
 * Marks those who are not known as buyers yet; whoever has an order here is known by that, and since when.
 * @returns how many were not known
 */
async function mark(ctx: Context, keys: readonly string[]): Promise<number> {
  const at = { table: ctx.table.name };
  for (let attempt = 0; attempt < tries; attempt++) {
    const items = await getItems(
      ctx.table,
      keys.map((key) => ({ pk: `CUS#${key}`, sk: "CUSTOMER" })),
    );
    const writes = keys.flatMap((key, place) => {
      const before = parse(CustomerEntity, items[place]);
      if (before?.importedAt || before?.firstOrderId) return [];
      const next: Customer = {
        ...before,
        key,
        orderCount: before?.orderCount ?? 0,
        importedAt: ctx.now().toISOString(),
        version: (before?.version ?? 0) + 1,
      };
      return write.put(
        key,
        before
          ? CustomerEntity.put(next)
              .where((attributes, operation) => operation.eq(attributes.version, before.version))
              .params(at)
          : CustomerEntity.create(next).params(at),
      );
    });
    if (writes.length === 0 || (await transact(ctx.table, writes)).ok) return writes.length;
    // One of them bought something just now.
    await jitter(attempt);
  }
  throw new AppError("unavailable", "customer.busy", "Too much is happening at once. It goes on by itself.", {
    retryAfterMs: 1000,
  });
}
