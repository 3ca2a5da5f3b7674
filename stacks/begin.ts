import type { App } from "sst/constructs";
import { VisibleError } from "sst/error.js";
import { environmentOf, provideConfig, readConfig, regionOf } from "./config.ts";
import { preflight } from "./preflight.ts";
import { whatStays } from "./removal.ts";

/**
 * The region that a stage is deployed to where the command does not name one.
 * @throws where nothing says it: a guess would put people's data anywhere
 */
export function regionFor(stage: string | undefined): string {
  const region = regionOf(environmentOf(stage, process.cwd()));
  if (!region)
    throw new VisibleError("Say which AWS region holds the deployment, for example LAUREL_REGION=eu-central-1 in .env");
  return region;
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
  try {
    const config = readConfig(app, environmentOf(app.stage, process.cwd()));
    provideConfig(app, config);
    if (app.mode === "deploy" && !isTest) await preflight(config);
    if (app.mode === "remove" && !isTest) console.log(whatStays(config));
  } catch (error) {
    throw new VisibleError((error as Error).message);
  }
}
