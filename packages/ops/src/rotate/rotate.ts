import { setTimeout as pause } from "node:timers/promises";
import { command } from "../cli/command.ts";
import { Problem } from "../cli/problem.ts";
import { distributionOf, refuseWhileDeploying } from "../stage/deployed.ts";
import { openFunctions } from "../stage/functions.ts";
import { openParameters } from "../stage/parameters.ts";
import { parameterNames, readStage, stageOptions } from "../stage/stage.ts";
import { openDistribution } from "./distribution.ts";
import { rotateOrigin } from "./origin.ts";

export const rotate = command({
  usage: "npm run rotate -- --stage prod origin",
  about: `Replaces a secret of a deployment while it runs. No request is refused meanwhile, and no deployment is needed after it.
It takes about ten minutes, most of them for CloudFront. When it is cut short, run it again: it goes on where it was.
Both secrets that the functions accepted before are replaced.`,
  positionals: `  origin   what CloudFront shows the functions

The keys of a deployment (e-mail look-ups, links) cannot be rotated; docs/runbook.md says why, and what to do.`,
  options: stageOptions,
  run: async (values, io, [what, ...more]) => {
    if (what !== "origin" || more.length > 0)
      throw new Problem(
        what === "keys"
          ? "The keys cannot be rotated: everybody is found by them. docs/runbook.md says what to do after a leak."
          : "Say what to rotate: npm run rotate -- --stage prod origin",
      );
    const stage = readStage(values, io.env);
    await refuseWhileDeploying(stage);
    const done = await rotateOrigin({
      names: parameterNames(stage.name),
      parameters: openParameters(stage.region),
      functions: openFunctions(stage),
      distribution: openDistribution(await distributionOf(stage)),
      refuseWhileDeploying: () => refuseWhileDeploying(stage),
      say: io.say,
      pause,
    });
    io.say(
      done === "rotated"
        ? "\nDone. The old secret is accepted nowhere any more."
        : "\nDone: the earlier rotation is complete, and its old secret is accepted nowhere any more.",
    );
    return 0;
  },
});
