import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aspects } from "aws-cdk-lib/core";
import { DISABLE_ASSET_STAGING_CONTEXT } from "aws-cdk-lib/cx-api";
import { AwsSolutionsChecks } from "cdk-nag";
import { App, type Stack } from "sst/constructs";
import { setProject } from "sst/project.js";
import sstConfig from "../sst.config.ts";

process.env.SST_TELEMETRY_DISABLED = "1";
process.env.JSII_DEPRECATED = "quiet";
const root = join(import.meta.dirname, "..");
/** SST writes its log here as long as the process lives. */
const home = mkdtempSync(join(tmpdir(), "laurel-synth-"));
process.once("exit", () => rmSync(home, { recursive: true, force: true }));

/** The least that a deployment must be told. */
export const leastSettings = {
  LAUREL_MAIL_FROM: "hello@shop.example.com",
  LAUREL_ALERT_EMAIL: "owner@shop.example.com",
} as const;

/** Everything on that can be on: a domain of its own in a zone at Route 53, Slack, the firewall, reserved instances. */
export const mostSettings = {
  ...leastSettings,
  LAUREL_DOMAIN: "friends.shop.example.com",
  LAUREL_HOSTED_ZONE: "shop.example.com",
  LAUREL_HOSTED_ZONE_ID: "Z0123456789ABCDEFGHIJ",
  LAUREL_SLACK: "on",
  LAUREL_WAF: "on",
  LAUREL_RESERVED_CONCURRENCY: "webhook=20,redirect=20",
} as const;

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON of CloudFormation's making
export type Json = any;

export interface Template {
  Resources: Record<
    string,
    {
      Type: string;
      Properties?: Record<string, Json>;
      DependsOn?: string | string[];
      DeletionPolicy?: string;
      UpdateReplacePolicy?: string;
      Metadata?: Json;
    }
  >;
  Outputs?: Record<string, { Value: Json; Export?: { Name: Json }; Description?: string }>;
  Parameters?: Record<string, Json>;
  Conditions?: Record<string, Json>;
  Mappings?: Record<string, Json>;
}

export interface SynthStack {
  /** The stack's function in `stacks/`, such as `Http`. */
  name: string;
  /** As CloudFormation knows it: `prod-laurel-Http`. */
  stackName: string;
  template: Template;
  /** Names of the stacks that are deployed before it. */
  after: string[];
  /** What cdk-nag (AwsSolutions) objects to and nobody has suppressed with a reason. */
  nags: string[];
}

/** A function as it would be deployed. */
export interface SynthFunction {
  /** The short name, such as `api`. */
  name: string;
  functionName: string;
  stack: string;
  logicalId: string;
  /** `functions/api/index.handler` */
  handler: string;
  /** The folder that would be uploaded; only of mode `deploy`. */
  bundle: string | undefined;
  /** Values are text, or an intrinsic or dynamic reference as it stands in the template. */
  environment: Record<string, Json>;
  /** The statements of its role, as they stand in the template. */
  statements: Json[];
  properties: Record<string, Json>;
}

export interface Synth {
  app: App;
  stacks: SynthStack[];
  /** Every function of ours in all stacks. */
  functions: SynthFunction[];
  /** The folder with the portal as it would be uploaded; only of mode `deploy`. */
  portal: string | undefined;
  /** The template of a stack. @throws where there is no such stack */
  template(name: string): Template;
  /** Removes what was built. */
  dispose(): void;
}

export interface SynthOptions {
  stage?: string;
  region?: string;
  /**
   * `remove` (if absent) leaves bundles and the portal out and takes milliseconds; `deploy` bundles every function and builds
   * the portal, as `sst deploy` does.
   */
  mode?: "remove" | "deploy";
  /** Settings by name (`LAUREL_…`); the least that there must be, if absent. */
  settings?: Record<string, string>;
}

/**
 * Makes the templates of all stacks from `sst.config.ts`, without an account and without a network. What is built lies in a
 * folder of its own, so that test files do not meet; in one process one synthesis comes after the other.
 * @throws ConfigError where the settings cannot be deployed
 */
export async function synth(options: SynthOptions = {}): Promise<Synth> {
  const { stage = "prod", region = "eu-central-1", mode = "remove", settings = leastSettings } = options;
  const out = mkdtempSync(join(home, "synth-"));
  const artifacts = join(out, "artifacts");
  setProject({
    version: "2",
    cdkVersion: "",
    constructsVersion: "",
    config: { name: "laurel", stage, region, ssmPrefix: `/sst/laurel/${stage}/`, cdk: {} },
    paths: { root, out: home, artifacts, config: join(root, "sst.config.ts") },
    metafile: undefined,
    stacks: sstConfig.stacks,
  } as never);
  // Otherwise what is set on the machine that tests would be deployed.
  const before = { ...process.env };
  for (const name of Object.keys(process.env)) if (/^(LAUREL_|AWS_REGION$)/.test(name)) delete process.env[name];
  // By this name SST knows that there is no account to ask.
  Object.assign(process.env, settings, { NODE_ENV: "test" });
  const cwd = process.cwd();
  try {
    process.chdir(root);
    const app = new App(
      { mode, region, stage, name: "laurel", account: "123456789012" },
      {
        outdir: join(out, "dist"),
        // For a look at templates no file has to be copied.
        context: mode === "remove" ? { [DISABLE_ASSET_STAGING_CONTEXT]: true } : {},
      },
    );
    await sstConfig.stacks(app);
    await app.finish();
    Aspects.of(app).add(new AwsSolutionsChecks({ verbose: true }));
    const assembly = app.synth();
    const constructs = new Map(app.node.children.map((child) => [(child as Stack).stackName, child as Stack]));
    const stacks = assembly.stacks.map((artifact): SynthStack => {
      const template = artifact.template as Template;
      return {
        name: shortName(artifact.stackName),
        stackName: artifact.stackName,
        template,
        after: (constructs.get(artifact.stackName)?.dependencies ?? []).map(({ stackName }) => shortName(stackName)),
        nags: artifact.messages
          .filter(({ level }) => level === "error" || level === "warning")
          .map(({ id, entry }) => `${id}: ${String(entry.data).split("\n")[0]}`),
      };
    });
    return {
      app,
      stacks,
      portal: mode === "deploy" ? join(home, "portal") : undefined,
      functions: functionsOf(stacks, app, mode === "deploy" ? artifacts : undefined),
      template(name) {
        const found = stacks.find((each) => each.name === name);
        if (!found) throw new Error(`There is no stack ${name}, only ${stacks.map((each) => each.name).join(", ")}`);
        return found.template;
      },
      dispose: () => rmSync(out, { recursive: true, force: true }),
    };
  } finally {
    process.chdir(cwd);
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}

/** `prod-laurel-Http` → `Http` */
const shortName = (stackName: string): string => stackName.slice(stackName.indexOf("-laurel-") + "-laurel-".length);

function functionsOf(stacks: SynthStack[], app: App, artifacts: string | undefined): SynthFunction[] {
  const all = stacks.flatMap(({ name, template }) => {
    const stack = app.node.children.find((child) => shortName((child as Stack).stackName) === name) as Stack;
    return stack.getAllFunctions().map((made): SynthFunction => {
      const logicalId = stack.getLogicalId(made.node.defaultChild as never);
      const properties = template.Resources[logicalId]?.Properties ?? {};
      const roleId: string = properties.Role?.["Fn::GetAtt"]?.[0];
      return {
        name: String(properties.FunctionName).replace(/^.*-laurel-/, ""),
        functionName: properties.FunctionName,
        stack: name,
        logicalId,
        handler: artifacts ? properties.Handler : String((made as unknown as { props: Json }).props.handler),
        bundle: artifacts && join(artifacts, made.node.addr),
        environment: properties.Environment?.Variables ?? {},
        statements: statementsOf(template, roleId),
        properties,
      };
    });
  });
  return all.sort((a, b) => a.name.localeCompare(b.name));
}

/** What the policies that are attached to a role say. */
function statementsOf(template: Template, roleId: string): Json[] {
  const own = (template.Resources[roleId]?.Properties?.Policies ?? []).flatMap(
    (each: Json) => each.PolicyDocument.Statement,
  );
  const attached = Object.values(template.Resources)
    .filter(
      ({ Type, Properties }) => Type === "AWS::IAM::Policy" && Properties?.Roles?.some((it: Json) => it.Ref === roleId),
    )
    .flatMap(({ Properties }) => Properties!.PolicyDocument.Statement);
  return [...own, ...attached];
}
