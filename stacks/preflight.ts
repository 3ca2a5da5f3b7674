import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { useAWSClient } from "sst/credentials.js";
import { VisibleError } from "sst/error.js";
import type { Config } from "./config.ts";
import { parameter } from "./secrets.ts";

/**
 * Looks before the first resource is made whether setup has been run: CloudFormation would only notice a missing parameter when
 * half of the deployment stands.
 * @throws what SST shows as it is, with the command to run
 */
export async function preflight(
  { stage, region, slack }: Config,
  client: Pick<SSMClient, "send"> = useAWSClient(SSMClient as never),
): Promise<void> {
  const names = (["keys", "origin-secret", "origin-secret-next"] as const).map((name) => parameter(stage, name));
  if (slack) names.push(parameter(stage, "slack-webhook"));
  const { InvalidParameters: missing = [] } = await client.send(new GetParametersCommand({ Names: names }));
  if (missing.length > 0)
    throw new VisibleError(
      `The stage ${stage} has no secrets in ${region} yet: ${missing.join(", ")}. No stack was created.\nRun this first, then deploy again: npm run setup -- --stage ${stage}`,
    );
}
