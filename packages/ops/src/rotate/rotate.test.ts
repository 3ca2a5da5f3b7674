import { afterEach, expect, test } from "vitest";
import { synth } from "../../../../stacks/synth.testing.ts";
import { type FakeAws, openFakeAws } from "../../testing/aws.ts";
import { fakeCloudFormation } from "../../testing/cloudformation.ts";
import { fakeDistribution, restOf, sending, sentBy } from "../../testing/cloudfront.ts";
import { fakeLambda } from "../../testing/lambda.ts";
import { fakeParameters } from "../../testing/ssm.ts";
import { execute } from "../cli/command.ts";
import { distributionOf, refuseWhileDeploying, stackNames } from "../stage/deployed.ts";
import { openFunctions } from "../stage/functions.ts";
import { openParameters } from "../stage/parameters.ts";
import { parameterNames } from "../stage/stage.ts";
import { openDistribution } from "./distribution.ts";
import { rotateOrigin } from "./origin.ts";
import { rotate } from "./rotate.ts";

const stage = { name: "prod", region: "eu-central-1" };
const names = parameterNames("prod");
let aws: FakeAws | undefined;
afterEach(() => aws?.close());

/** A deployed stage with three functions that know the secrets and one that does not. */
async function deployedStage() {
  await aws?.close();
  const ssm = fakeParameters();
  ssm.stored.set(names.originSecret, { value: "S", type: "String" });
  ssm.stored.set(names.originSecretNext, { value: "N", type: "String" });
  const guarded = { TABLE_NAME: "prod-laurel-table", ORIGIN_SECRETS: "S,N", STAGE: "prod" };
  const lambda = fakeLambda({
    "prod-laurel-api": { ...guarded },
    "prod-laurel-webhook": { ...guarded },
    "prod-laurel-redirect": { ...guarded },
    "prod-laurel-effects": { TABLE_NAME: "prod-laurel-table" },
  });
  const front = fakeDistribution("E123", "S");
  const stacks = [
    { name: "prod-laurel-Data", resources: [{ type: "AWS::DynamoDB::Table", id: "prod-laurel-table" }] },
    { name: "other-laurel-Data", status: "UPDATE_IN_PROGRESS" },
    {
      name: "prod-laurel-Portal",
      status: "UPDATE_COMPLETE",
      resources: [
        { type: "AWS::S3::Bucket", id: "portal" },
        { type: "AWS::CloudFront::Function", id: "viewer" },
        { type: "AWS::CloudFront::Distribution", id: "E123" },
      ],
    },
  ];
  const fakes = await openFakeAws([ssm.service, fakeCloudFormation(stacks), front.service, lambda.service]);
  aws = fakes;
  const stored = () => [ssm.stored.get(names.originSecret)!.value, ssm.stored.get(names.originSecretNext)!.value];
  const guardedFunctions = () => [...lambda.functions.values()].filter((fn) => fn.env.ORIGIN_SECRETS);

  /** Whether some edge may send what some instance refuses, now, or while a deployment that begins now is under way. */
  const refusals = (): string[] => {
    const sent = [front.config, front.formerConfig].flatMap((config) => (config ? sentBy(config) : []));
    const accepting = guardedFunctions().flatMap((fn) =>
      [fn.env, fn.formerEnv].flatMap((env) => (env ? [env.ORIGIN_SECRETS!.split(",")] : [])),
    );
    const refused = (from: string[], by: string[][], when: string) =>
      from.flatMap((secret) => by.filter((set) => !set.includes(secret)).map((set) => `${when}: ${secret} by ${set}`));
    const [origin] = stored();
    return [...refused(sent, accepting, "now"), ...refused([...sent, origin!], [...accepting, stored()], "deploying")];
  };
  /** What CloudFormation does in an update of all that names the parameters. */
  const deploy = () => {
    for (const fn of guardedFunctions())
      Object.assign(fn, { formerEnv: undefined, settlesIn: 0, env: { ...fn.env, ORIGIN_SECRETS: stored().join(",") } });
    front.formerConfig = front.config;
    front.config = sending(front.config, stored()[0]!);
    front.deploysIn = 2;
  };
  const said: string[] = [];
  /** @param looking whether CloudFormation is asked, which is many calls and the same in all runs */
  const run = async ({ looking = false } = {}) =>
    rotateOrigin({
      names,
      parameters: openParameters(stage.region),
      functions: openFunctions(stage),
      distribution: openDistribution(looking ? await distributionOf(stage) : "E123"),
      refuseWhileDeploying: async () => void (looking && (await refuseWhileDeploying(stage))),
      say: (line) => void said.push(line),
      pause: async () => {},
    });
  const before = restOf(front.config);
  const refused: string[] = [];
  fakes.onWrite(() => refused.push(...refusals()));
  const expectDone = () => {
    expect(refused).toEqual([]);
    const [origin, next] = stored();
    expect(sentBy(front.config)).toEqual([origin, origin, origin]);
    expect(front.deploysIn).toBe(0);
    expect(new Set(["S", "N", origin, next]).size).toBe(4);
    for (const fn of guardedFunctions()) {
      expect(fn.settlesIn).toBe(0);
      expect(fn.env).toEqual({ TABLE_NAME: "prod-laurel-table", STAGE: "prod", ORIGIN_SECRETS: `${origin},${next}` });
    }
    expect(lambda.functions.get("prod-laurel-effects")).toMatchObject({
      env: { TABLE_NAME: "prod-laurel-table" },
      revision: 1,
    });
    expect(restOf(front.config)).toEqual(before);
    expect(said.join("\n")).not.toContain(origin);
  };
  return { aws: fakes, ssm, lambda, front, stacks, stored, refusals, deploy, run, expectDone, said };
}

test("a rotation replaces both secrets, refuses nobody at any step and changes nothing else", async () => {
  const it = await deployedStage();
  expect(it.refusals()).toEqual([]);
  expect(await it.run({ looking: true })).toBe("rotated");
  it.expectDone();
  expect(it.said.map((line) => line.slice(0, 3))).toEqual(["1/6", "2/6", "3/6", "4/6", "5/6", "6/6"]);
  // And again from there.
  expect(await it.run()).toBe("rotated");
  it.expectDone();
});

test("knows the stacks that are deployed", async () => {
  const made = await synth();
  made.dispose();
  expect(made.stacks.map(({ name }) => name).sort()).toEqual([...stackNames].sort());
  const portal = made.stacks.find(({ name }) => name === "Portal")!;
  expect(Object.values(portal.template.Resources).map(({ Type }) => Type)).toContain("AWS::CloudFront::Distribution");
});

test("the fakes would notice a refusal", async () => {
  const it = await deployedStage();
  it.lambda.functions.get("prod-laurel-api")!.env.ORIGIN_SECRETS = "N,N";
  expect(it.refusals()).toContain("now: S by N,N");
});

/** Three functions are changed twice, the parameters three times and CloudFront once. */
const writes = 10;

test("cut short after any write, the next run finishes what it began", async () => {
  for (let after = 1; after <= writes; after++) {
    const it = await deployedStage();
    it.aws.dieAfter(after);
    await expect(it.run(), `after write ${after}`).rejects.toThrow();
    expect(it.refusals(), `after write ${after}`).toEqual([]);
    it.aws.dieAfter(undefined);
    await it.run();
    it.expectDone();
  }
  const whole = await deployedStage();
  whole.aws.dieAfter(writes + 1);
  await whole.run();
  whole.expectDone();
});

test("cut short twice, the third run finishes it", async () => {
  for (let first = 1; first < writes; first += 2)
    for (let second = 1; second <= 4; second++) {
      const it = await deployedStage();
      it.aws.dieAfter(first);
      await it.run().catch(() => {});
      it.aws.dieAfter(second);
      await it.run().catch(() => {});
      it.aws.dieAfter(undefined);
      await it.run();
      it.expectDone();
    }
});

test("a deployment at any point between harms nothing, and the next run finishes", async () => {
  for (let after = 1; after <= writes; after++) {
    const it = await deployedStage();
    it.aws.dieAfter(after);
    await it.run().catch(() => {});
    it.deploy();
    expect(it.refusals(), `after write ${after}`).toEqual([]);
    it.aws.dieAfter(undefined);
    await it.run();
    it.expectDone();
  }
});

test("parameters that were changed by hand are put right without a refusal", async () => {
  const it = await deployedStage();
  it.ssm.stored.set(names.originSecret, { value: "typed", type: "String" });
  expect(await it.run()).toBe("finished");
  const [origin, next] = it.stored();
  expect(origin).toBe("S");
  for (const fn of it.lambda.functions.values())
    if (fn.env.ORIGIN_SECRETS) expect(fn.env.ORIGIN_SECRETS).toBe(`S,${next}`);
  expect(await it.run()).toBe("rotated");
});

test("nothing is begun while a deployment is under way, and one that came between is noticed", async () => {
  const it = await deployedStage();
  it.stacks[0]!.status = "UPDATE_IN_PROGRESS";
  await expect(it.run({ looking: true })).rejects.toThrow(
    "A deployment of prod is under way (prod-laurel-Data: UPDATE_IN_PROGRESS)",
  );
  expect(it.stored()).toEqual(["S", "N"]);
  it.stacks[0]!.status = "UPDATE_ROLLBACK_COMPLETE";

  // It sets CloudFront back after all edges had the fresh secret, and before its parameter.
  let meddled = false;
  it.aws.onWrite(({ operation, body }) => {
    if (operation !== "PutParameter" || JSON.parse(body).Name !== names.originSecret || meddled) return;
    meddled = true;
    it.front.formerConfig = it.front.config;
    it.front.config = sending(it.front.config, "S");
    it.front.deploysIn = 2;
  });
  await expect(it.run()).rejects.toThrow("A deployment has changed CloudFront meanwhile");
  expect(meddled).toBe(true);
  for (const fn of it.lambda.functions.values())
    if (fn.env.ORIGIN_SECRETS) expect(fn.env.ORIGIN_SECRETS).toContain("S");
  await it.run();
  expect(it.refusals()).toEqual([]);
  expect(new Set(sentBy(it.front.config))).toEqual(new Set([it.stored()[0]]));
});

test("somebody else's change of a function or of the distribution is not overwritten", async () => {
  const it = await deployedStage();
  const fn = it.lambda.functions.get("prod-laurel-webhook")!;
  it.aws.onWrite(({ path, operation }) => {
    // Between the reading and the writing of this function, once.
    if (operation === "Put" && path.includes("prod-laurel-api/") && fn.revision === 1) fn.revision = 2;
  });
  await expect(it.run()).rejects.toThrow("Somebody else is changing prod-laurel-webhook");
  await it.run();
  it.expectDone();
});

test("says what to rotate, and where there is nothing", async () => {
  const it = await deployedStage();
  const lines: string[] = [];
  const io = { say: (line: string) => void lines.push(line), stdin: async () => "", env: {} };
  const ended = async (...argv: string[]) => {
    lines.length = 0;
    const code = await execute(rotate, argv, io);
    return [code, lines.join("\n")] as const;
  };
  expect(await ended("--stage", "prod", "--region", "eu-central-1")).toEqual([
    1,
    expect.stringContaining("Say what to rotate"),
  ]);
  expect(await ended("--stage", "prod", "keys")).toEqual([1, expect.stringContaining("docs/runbook.md")]);
  const [code, text] = await ended("--stage", "test", "--region", "eu-central-1", "origin");
  expect([code, text]).toEqual([1, expect.stringContaining("There is no stage test in eu-central-1")]);
  expect(await ended("--help")).toEqual([0, expect.stringContaining("No request is refused")]);
  it.ssm.stored.delete(names.originSecretNext);
  await expect(it.run()).rejects.toThrow("Run npm run setup first");
});
