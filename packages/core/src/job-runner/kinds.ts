import type { JobKindName } from "@laurel/contract";
import { codesOfConnection } from "../ambassador/index.ts";
import { approveMany, declineMany, undoMany } from "../application/index.ts";
import { compareConnection } from "../catch-up/index.ts";
import { customersImport } from "../customer/index.ts";
import { flagsResolve } from "../flag/index.ts";
import type { JobItem, Progress } from "../job/index.ts";
import type { Context } from "../kernel/context.ts";
import type { Permission } from "../kernel/permission.ts";
import { eventsReplay } from "../replay/index.ts";
import { simulation } from "../simulation/index.ts";

/** A kind of long work. */
export interface JobKind {
  /** What whoever began it must be allowed to, still, at every slice; and whoever undoes it. */
  permission: Permission;
  /** Does a part of it, in the name of whoever began it. Repeating a part must change nothing. */
  slice(ctx: Context, job: JobItem): Promise<Progress>;
  /** Names for what its rows are about. */
  names(ctx: Context, subjects: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The job that undoes it, from the rows that it has done; absent where it can't be undone. */
  undo?: (job: JobItem, subjects: readonly string[]) => { kind: JobKindName; input: unknown };
}

/** Every kind of long work. */
export const kinds: Record<JobKindName, JobKind> = {
  "applications.approve": approveMany,
  "applications.decline": declineMany,
  "applications.undo": undoMany,
  "connection.codes": codesOfConnection,
  "connection.compare": compareConnection,
  "customers.import": customersImport,
  simulation,
  "events.replay": eventsReplay,
  "flags.resolve": flagsResolve,
};
