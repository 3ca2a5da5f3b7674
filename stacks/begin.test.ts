import type { GetParametersCommand } from "@aws-sdk/client-ssm";
import { App } from "sst/constructs";
import { initProject, useProject } from "sst/project.js";
import { expect, test } from "vitest";
import sstConfig from "../sst.config.ts";
import { regionFor } from "./begin.ts";
import { readConfig } from "./config.ts";
import { preflight } from "./preflight.ts";
import { whatStays } from "./removal.ts";
import { leastSettings, synth } from "./synth.testing.ts";

const configOf = (stage: string, more = {}) =>
  readConfig({ stage, region: "eu-central-1" }, { ...leastSettings, ...more } as never);

test("SST's own loader takes sst.config.ts, and says nothing to anybody about it", async () => {
  delete process.env.SST_TELEMETRY_DISABLED;
  await initProject({ stage: "prod", region: "eu-north-1" });
  expect(useProject().config).toMatchObject({ name: "laurel", stage: "prod", region: "eu-north-1" });
  expect(process.env.SST_TELEMETRY_DISABLED).toBe("1");
});

test("without a region there is no deployment", () => {
  const { LAUREL_REGION, AWS_REGION } = process.env;
  delete process.env.LAUREL_REGION;
  delete process.env.AWS_REGION;
  try {
    expect(() => sstConfig.config({ stage: "prod" })).toThrow(/LAUREL_REGION=eu-central-1/);
    process.env.LAUREL_REGION = "eu-west-1";
    expect(sstConfig.config({ stage: "prod" })).toMatchObject({ region: "eu-west-1" });
    expect(sstConfig.config({ stage: "prod", region: "eu-north-1" })).toMatchObject({ region: "eu-north-1" });
  } finally {
    delete process.env.LAUREL_REGION;
    Object.assign(process.env, LAUREL_REGION && { LAUREL_REGION }, AWS_REGION && { AWS_REGION });
  }
});

test("what is wrong with the settings is told before SST asks for credentials or makes a place for itself", () => {
  const args = ["node", "sst", "deploy", "--stage", "prod"];
  expect(() => regionFor({ stage: "prod", region: "eu-central-1" }, args)).toThrow(
    /The stage prod cannot be deployed[\s\S]*LAUREL_MAIL_FROM[\s\S]*LAUREL_ALERT_EMAIL/,
  );
  // Other commands ask for nothing that they do not need.
  expect(regionFor({ stage: "prod", region: "eu-central-1" }, ["node", "sst", "version"])).toBe("eu-central-1");
});

test("sst dev is refused with what to do instead", async () => {
  const { app, dispose } = await synth();
  dispose();
  const dev = new App({ mode: "dev", stage: "try", region: "eu-central-1", name: app.name });
  await expect(sstConfig.stacks(dev)).rejects.toThrow(/npm start/);
});

test("a deployment without its secrets stops before its first stack, and says what to run", async () => {
  const asked: string[][] = [];
  const holding = (...names: string[]) => ({
    send: async (command: GetParametersCommand) => {
      asked.push(command.input.Names!);
      return { InvalidParameters: command.input.Names!.filter((name) => !names.includes(name)) };
    },
  });
  const all = ["/laurel/prod/keys", "/laurel/prod/origin-secret", "/laurel/prod/origin-secret-next"];
  await expect(preflight(configOf("prod"), holding() as never)).rejects.toThrow(
    /origin-secret-next\. No stack was created\.\n.*npm run setup -- --stage prod/,
  );
  await preflight(configOf("prod"), holding(...all) as never);
  expect(asked).toEqual([all, all]);
  await expect(preflight(configOf("prod", { LAUREL_SLACK: "on" }), holding(...all) as never)).rejects.toThrow(
    /slack-webhook/,
  );
});

test("a removal tells what it keeps, what that costs, and both ways on", () => {
  const told = whatStays(configOf("prod"));
  expect(told).toMatch(/table prod-laurel-table .* protected/);
  expect(told).toMatch(/0\.50 USD a month for each GB/);
  expect(told).toContain("LAUREL_TABLE=prod-laurel-table");
  expect(told).toContain("aws dynamodb delete-table --table-name prod-laurel-table --region eu-central-1");
  expect(told).toContain("/laurel/prod/*");
});

test("a stage of one's own keeps no data, unless it stands on a table that it did not make", () => {
  expect(whatStays(configOf("try"))).toContain("Of the data nothing");
  const taken = configOf("try", {
    LAUREL_TABLE: "restored",
    LAUREL_TABLE_STREAM_ARN: "arn:aws:dynamodb:eu-central-1:123456789012:table/restored/stream/2026-11-22T21:00:00.000",
  });
  expect(whatStays(taken)).toContain("The table restored with all data");
});
