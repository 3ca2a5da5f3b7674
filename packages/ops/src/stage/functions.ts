import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { type FunctionName, functionNames } from "../../../../stacks/config.ts";
import { namesOf } from "../../../../stacks/names.ts";
import { Problem } from "../cli/problem.ts";
import type { Stage } from "./stage.ts";

/** A deployed function, as its settings are now. */
export interface DeployedFunction {
  /** Its name on AWS. */
  name: string;
  env: Record<string, string>;
  /** Changes with each change of its settings. */
  revisionId: string | undefined;
  /** False while a change is on its way to where it runs. */
  settled: boolean;
}

/** The functions of a stage. */
export interface Functions {
  /** @returns undefined where the stage has no such function */
  find(name: FunctionName): Promise<DeployedFunction | undefined>;
  /** All that are there. */
  all(): Promise<DeployedFunction[]>;
  /**
   * Replaces the environment on the revision that was read.
   * @throws Problem where somebody else has changed the function since
   */
  replaceEnv(fn: DeployedFunction, env: Record<string, string>): Promise<void>;
}

export function openFunctions(stage: Stage): Functions {
  const lambda = new LambdaClient({ region: stage.region });
  const names = namesOf(stage.name);
  const find: Functions["find"] = async (short) => {
    const name = names.function(short);
    try {
      const it = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
      if (it.LastUpdateStatus === "Failed")
        throw new Problem(
          `The last change of ${name} has failed (${it.LastUpdateStatusReason ?? "AWS does not say why"}). Deploy again: npx sst deploy --stage ${stage.name}`,
        );
      return {
        name,
        env: it.Environment?.Variables ?? {},
        revisionId: it.RevisionId,
        settled: it.LastUpdateStatus !== "InProgress" && it.State !== "Pending",
      };
    } catch (error) {
      if ((error as Error).name === "ResourceNotFoundException") return undefined;
      throw error;
    }
  };
  return {
    find,
    all: async () => (await Promise.all(functionNames.map(find))).filter((it) => it !== undefined),
    replaceEnv: async ({ name, revisionId }, env) => {
      try {
        await lambda.send(
          new UpdateFunctionConfigurationCommand({
            FunctionName: name,
            Environment: { Variables: env },
            RevisionId: revisionId,
          }),
        );
      } catch (error) {
        if (["PreconditionFailedException", "ResourceConflictException"].includes((error as Error).name))
          throw new Problem(`Somebody else is changing ${name} at the same time. Run this again.`, error);
        throw error;
      }
    },
  };
}
