import type { SSTConfig } from "sst";
import { environmentOf, provideConfig, readConfig, regionOf } from "./stacks/config.ts";
import { Data } from "./stacks/data.ts";
import { withoutHelpers } from "./stacks/helpers.ts";
import { Http } from "./stacks/http.ts";

// Before SST's command line sends its first word.
process.env.SST_TELEMETRY_DISABLED = "1";

/** The table of contents of a deployment: where it goes, then the stacks in order. */
export default {
  config({ stage, region = regionOf(environmentOf(stage, process.cwd())) }) {
    if (!region) throw new Error("Say which AWS region holds the deployment: LAUREL_REGION=eu-central-1, for example.");
    return { name: "laurel", region };
  },
  stacks(app) {
    provideConfig(app, readConfig(app, environmentOf(app.stage, process.cwd())));
    app.stack(Data);
    app.stack(Http);
    withoutHelpers(app);
  },
} satisfies SSTConfig;
