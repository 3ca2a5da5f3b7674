import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { getItem } from "@laurel/core/table";
import type { Runtime } from "@laurel/functions/runtime.ts";
import type { Options } from "../options.ts";
import { StartProblem } from "../problem.ts";
import type { Beside } from "./demo-beside.ts";
import { demoSizes } from "./demo-size.ts";
import { rememberPeople } from "./people.ts";
import { demoRandom } from "./random.ts";

const markerOf = (folder: string) => join(folder, "seeding");

/** Whether a first start was cut short, so that its data is only a part of what it should be. */
export const wasCutShort = (folder: string): boolean => existsSync(markerOf(folder));
const forgetCutShort = (folder: string): void => rmSync(markerOf(folder), { force: true });

/** A first start on its way: the program is there, the rest follows once the checkout stands beside it. */
export interface FirstStart {
  /** @param beside what is played beside the program, where it is */
  finish(progress: (text: string) => void, beside?: Beside): Promise<void>;
}

/**
 * Sets the program up in a table that holds none: the demo brand's, or the least that works.
 * What a first start needs is loaded only here, so that later starts do not carry it.
 * @returns undefined where there is a program already
 */
export async function beginFirst(runtime: Runtime, options: Options): Promise<FirstStart | undefined> {
  const cutShort = wasCutShort(options.folder);
  if (await getItem(runtime.table, { pk: "PROGRAM", sk: "SETTINGS" })) {
    if (!cutShort) return undefined;
    throw new StartProblem(
      "An earlier first start was cut short and left a part of its data in that engine. Give it an empty table (TABLE_NAME).",
    );
  }
  writeFileSync(markerOf(options.folder), `${new Date().toISOString()}\n`);
  const { setUp } = await import("@laurel/core/program");
  const ctx = runtime.context({ kind: "system", name: "local" }, { silent: true });
  if (options.demo) {
    const { beginDemo, demoProgram } = await import("./demo-program.ts");
    const began = beginDemo(ctx);
    await setUp(began, demoProgram({ newId: began.newId, now: began.now(), origin: ctx.publicOrigin }));
  } else {
    const { minimalProgram } = await import("./minimal.ts");
    await setUp(ctx, minimalProgram({ newId: ctx.newId, now: ctx.now(), origin: ctx.publicOrigin }));
  }
  return {
    finish: async (progress, beside) => {
      const people = options.demo
        ? await (await import("./demo.ts")).seedDemo(runtime, {
            progress,
            now: runtime.now(),
            random: demoRandom(),
            size: demoSizes[options.demo],
            beside,
          })
        : await (await import("./empty.ts")).seedEmpty(runtime, options.ownerEmail);
      await rememberPeople(runtime.table, people);
      forgetCutShort(options.folder);
    },
  };
}
