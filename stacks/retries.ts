import { createRequire } from "node:module";

/** What the class has whose method is mended; of `@smithy/util-retry`. */
interface RetryStrategy {
  acquireInitialRetryToken(scope: string | undefined): Promise<unknown>;
}

/**
 * SST 2 publishes files by a toolkit that takes the newest retry strategy of the AWS SDK and its own, older clients. These name no
 * scope when they begin, the strategy looks into it all the same, and every call fails: "no credentials have been configured".
 * Here they are given an empty one. Without use once SST's clients are new; `deploy.test.ts` runs the whole command.
 */
export function mendRetries(): void {
  const sst = createRequire(createRequire(`${process.cwd()}/package.json`).resolve("sst/package.json"));
  const toolkit = createRequire(sst.resolve("@aws-cdk/toolkit-lib"));
  const { StandardRetryStrategy } = toolkit("@smithy/util-retry") as {
    StandardRetryStrategy: { prototype: RetryStrategy };
  };
  const { prototype } = StandardRetryStrategy;
  const acquire = prototype.acquireInitialRetryToken;
  prototype.acquireInitialRetryToken = function (scope) {
    return acquire.call(this, scope ?? "");
  };
}
