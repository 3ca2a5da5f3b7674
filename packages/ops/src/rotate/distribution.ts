import {
  CloudFrontClient,
  type DistributionConfig,
  GetDistributionCommand,
  GetDistributionConfigCommand,
  UpdateDistributionCommand,
} from "@aws-sdk/client-cloudfront";
import { Problem } from "../cli/problem.ts";

/** What CloudFront shows the functions, so that they know it from anybody else. */
const header = "x-laurel-origin-secret";

/** The front of a stage, as far as a rotation needs to know it. */
export interface Distribution {
  /**
   * The secret that it is set to send, and whether all of the edges send it by now.
   * @throws Problem where it sends none, or not the same to every origin
   */
  state(): Promise<{ secret: string; deployed: boolean }>;
  /** Sets what it sends, and nothing else. @throws Problem where somebody else changes it at the same time */
  send(secret: string): Promise<void>;
}

export function openDistribution(id: string): Distribution {
  // CloudFront is one for the world and has its address in us-east-1.
  const client = new CloudFrontClient({ region: "us-east-1" });
  return {
    state: async () => {
      const { Distribution } = await client.send(new GetDistributionCommand({ Id: id }));
      return { secret: secretOf(id, Distribution?.DistributionConfig), deployed: Distribution?.Status === "Deployed" };
    },
    send: async (secret) => {
      const { DistributionConfig: config, ETag } = await client.send(new GetDistributionConfigCommand({ Id: id }));
      for (const each of headersOf(config)) each.HeaderValue = secret;
      try {
        await client.send(new UpdateDistributionCommand({ Id: id, IfMatch: ETag, DistributionConfig: config }));
      } catch (error) {
        if (["PreconditionFailed", "InvalidIfMatchVersion"].includes((error as Error).name))
          throw new Problem(
            `Somebody else is changing the distribution ${id} at the same time. Run this again.`,
            error,
          );
        throw error;
      }
    },
  };
}

const headersOf = (config: DistributionConfig | undefined) =>
  (config?.Origins?.Items ?? [])
    .flatMap((origin) => origin.CustomHeaders?.Items ?? [])
    .filter((each) => each.HeaderName?.toLowerCase() === header);

function secretOf(id: string, config: DistributionConfig | undefined): string {
  const sent = new Set(headersOf(config).map((each) => each.HeaderValue ?? ""));
  const [secret] = sent;
  if (sent.size === 1 && secret) return secret;
  throw new Problem(
    sent.size === 0
      ? `The distribution ${id} sends no ${header}. Deploy first.`
      : `The distribution ${id} sends different secrets to its origins; somebody changed it by hand. Set ${header} to one of them at every origin, then run this again.`,
  );
}
