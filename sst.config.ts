import type { SSTConfig } from "sst";
import { Alarms } from "./stacks/alarms.ts";
import { begin, regionFor } from "./stacks/begin.ts";
import { Budget } from "./stacks/budget.ts";
import { Dashboard } from "./stacks/dashboard.ts";
import { Data } from "./stacks/data.ts";
import { withoutHelpers } from "./stacks/helpers.ts";
import { Http } from "./stacks/http.ts";
import { Jobs } from "./stacks/jobs.ts";
import { Mail } from "./stacks/mail.ts";
import { Portal } from "./stacks/portal.ts";
import { mendRetries } from "./stacks/retries.ts";
import { Stream } from "./stacks/stream.ts";

// Before SST's command line sends its first word, and before it makes its first call.
process.env.SST_TELEMETRY_DISABLED = "1";
mendRetries();

/** The table of contents of a deployment: where it goes, then the stacks in order. Settings: stacks/config.ts. */
export default {
  config: (given) => ({ name: "laurel", region: regionFor(given) }),
  async stacks(app) {
    await begin(app);
    app.stack(Data);
    app.stack(Http);
    app.stack(Portal);
    app.stack(Stream);
    app.stack(Jobs);
    app.stack(Mail);
    app.stack(Alarms);
    app.stack(Dashboard);
    app.stack(Budget);
    withoutHelpers(app);
  },
} satisfies SSTConfig;
