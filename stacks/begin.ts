import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "sst/constructs";
import { VisibleError } from "sst/error.js";
import { environmentOf, provideConfig, readConfig, regionOf } from "./config.ts";
import { preflight } from "./preflight.ts";
import { whatStays } from "./removal.ts";

/**
 * Where a stage is deployed to, and whether it can be: looked at as soon as SST has read its configuration, because before it
 * makes the first stack it asks for credentials and makes a place for itself in the account.
 * @throws what SST shows as it is: no region, since a guess would put people's data anywhere; or all that is wrong
 */
export function regionFor(given: { stage?: string; region?: string }, args: readonly string[] = process.argv): string {
  const stage = given.stage ?? personalStage();
  const env = environmentOf(stage, process.cwd());
  const region = given.region ?? regionOf(env);
  if (!region)
    throw new VisibleError("Say which AWS region holds the deployment, for example LAUREL_REGION=eu-central-1 in .env");
  if (stage && args.includes("deploy")) visibly(() => readConfig({ stage, region }, env));
  return region;
}

/** The stage that SST takes where a command names none: what it was told the first time. */
function personalStage(): string | undefined {
  const file = join(process.cwd(), ".sst/stage");
  return process.env.SST_STAGE || (existsSync(file) ? readFileSync(file, "utf8").trim() : undefined);
}

function visibly<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new VisibleError((error as Error).message);
  }
}

/**
 * Comes before the first stack: reads the configuration, looks whether setup has been run, and tells before a removal what it
 * leaves behind.
 * @throws what SST shows as it is, with all that is wrong; nothing has been created then
 */
export async function begin(app: App): Promise<void> {
  // It would give functions the run of IoT and of a bucket, to do what a machine of one's own does without an account.
  if (app.mode === "dev")
    throw new VisibleError("Run Laurel on your machine by npm start; it is not made for sst dev.");
  // Tests have no account to look at and nothing to remove. SST knows them by the same name.
  const isTest = process.env.NODE_ENV === "test";
  const config = visibly(() => readConfig(app, environmentOf(app.stage, process.cwd())));
  provideConfig(app, config);
  if (app.mode === "deploy" && !isTest) await preflight(config);
  if (app.mode === "remove" && !isTest) console.log(whatStays(config));
}
