import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from "aws-cdk-lib/aws-s3";
import { BucketDeployment, CacheControl, Source } from "aws-cdk-lib/aws-s3-deployment";
import { type CfnResource, Duration, RemovalPolicy } from "aws-cdk-lib/core";
import type { Stack } from "sst/constructs";
import { useProject } from "sst/project.js";
import { configOf } from "./config.ts";
import { accept } from "./nag.ts";
import { namesOf } from "./names.ts";

/**
 * The private bucket of the portal, with its files where the stack is really deployed. It holds nothing that a deployment would
 * not make again. AWS's own helpers fill and empty it: they run while a deployment or a removal does.
 */
export function portalBucket(stack: Stack): Bucket {
  const bucket = new Bucket(stack, "Files", {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
  });
  accept(bucket, "AwsSolutions-S1", "It holds what everybody may see, and access logs would keep visitors' addresses.");
  const logGroup = new LogGroup(stack, "HelperLog", {
    logGroupName: `/aws/lambda/${namesOf(stack.stage).other("portal-files")}`,
    retention: configOf(stack.node.root).logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const emptier = stack.node.findChild("Custom::S3AutoDeleteObjectsCustomResourceProvider").node.findChild("Handler");
  (emptier as CfnResource).addPropertyOverride("LoggingConfig", { LogGroup: logGroup.logGroupName });
  (emptier as CfnResource).addPropertyOverride("Architectures", ["arm64"]);
  uploadPortal(stack, bucket, logGroup);
  return bucket;
}

/**
 * Builds the portal and puts it into its bucket: first the assets, whose names change with their content and which are kept for
 * those who have an older page open, then the one page, which is asked for again each time. So at no moment does a page name an
 * asset that is not there, and nothing has to be dropped from CloudFront's caches.
 */
function uploadPortal(stack: Stack, bucket: Bucket, logGroup: LogGroup): void {
  // To look at a template, or to remove a stack, nothing is built.
  const folder = stack.isActive ? buildPortal() : undefined;
  const from = (path: string, exclude: string[] = []) =>
    folder ? Source.asset(join(folder, path), { exclude }) : Source.data("nothing", "");
  // The same for both, so that one function does them.
  const common = { destinationBucket: bucket, prune: false, memoryLimit: 512, logGroup };
  const assets = new BucketDeployment(stack, "Assets", {
    ...common,
    sources: [from("assets")],
    destinationKeyPrefix: "assets",
    cacheControl: [CacheControl.setPublic(), CacheControl.maxAge(Duration.days(365)), CacheControl.immutable()],
  });
  const page = new BucketDeployment(stack, "Page", {
    ...common,
    sources: [from(".", ["assets"])],
    cacheControl: [CacheControl.noCache()],
  });
  page.node.addDependency(assets);
  const helper = assets.handlerRole.node.scope!;
  accept(helper, "AwsSolutions-IAM4", "AWS's own helper writes its log by AWS's own policy.");
  accept(
    helper,
    "AwsSolutions-IAM5",
    "AWS's own helper reads what this deployment uploaded and writes the portal's bucket, and nothing else.",
  );
  accept(helper, "AwsSolutions-L1", "AWS's own helper comes with its runtime.");
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
