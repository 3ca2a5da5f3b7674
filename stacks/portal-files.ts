import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import { Duration, RemovalPolicy } from "aws-cdk-lib/core";
import type { Stack } from "sst/constructs";
import { useProject } from "sst/project.js";
import { configOf } from "./config.ts";
import { namesOf } from "./names.ts";

/**
 * Builds the portal and puts it into its bucket: first the assets, whose names change with their content and which are kept for
 * those who have an older page open, then the one page, which is asked for again each time. So at no moment does a page name an
 * asset that is not there, and nothing has to be dropped from CloudFront's caches.
 */
export function uploadPortal(stack: Stack, bucket: Bucket): void {
  const folder = buildPortal();
  const logGroup = new LogGroup(stack, "UploadLog", {
    logGroupName: `/aws/lambda/${namesOf(stack.stage).other("portal-upload")}`,
    retention: configOf(stack.node.root).logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // The same for both, so that one function does them.
  const common = { destinationBucket: bucket, prune: false, memoryLimit: 512, logGroup };
  const assets = new BucketDeployment(stack, "Assets", {
    ...common,
    sources: [Source.asset(join(folder, "assets"))],
    destinationKeyPrefix: "assets",
    cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
  });
  const page = new BucketDeployment(stack, "Page", {
    ...common,
    sources: [Source.asset(folder, { exclude: ["assets"] })],
    cacheControl: [CacheControl.noCache()],
  });
  page.node.addDependency(assets);
}

/** @returns the folder with the built portal */
function buildPortal(): string {
  const { root, out } = useProject().paths;
  const folder = join(out, "portal");
  const vite = join(dirname(createRequire(join(root, "web/package.json")).resolve("vite/package.json")), "bin/vite.js");
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [vite, "build", "--outDir", folder, "--emptyOutDir", "--logLevel", "warn"],
    { cwd: join(root, "web"), encoding: "utf8", env: { ...process.env, NODE_ENV: "production", NODE_OPTIONS: "" } },
  );
  if (status !== 0) throw new Error(`The portal could not be built:\n${error?.message ?? ""}${stdout}${stderr}`);
  return folder;
}
