import type { SSTConfig } from "sst";
import { Data } from "./stacks/data.ts";
import { stageRules } from "./stacks/stage.ts";

/** The table of contents of a deployment: defaults, then the stacks in order. */
export default {
  config: (input) => ({ name: "laurel", region: input.region ?? process.env.AWS_REGION ?? "eu-central-1" }),
  stacks(app) {
    app.setDefaultRemovalPolicy(stageRules(app.stage).keepsData ? "retain" : "destroy");
    app.setDefaultFunctionProps({ runtime: "nodejs24.x", architecture: "arm_64", tracing: "active" });
    app.stack(Data);
  },
} satisfies SSTConfig;
