import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FakeAws, openFakeAws } from "./fake-aws.testing.ts";
import { leastSettings } from "./synth.testing.ts";

/**
 * The command itself, `sst deploy --stage prod`, from its first line to its last, before an account that is not there. It has found
 * what no template shows: that the versions of packages which npm chose for SST's tools did not fit together.
 */
const root = join(import.meta.dirname, "..");
const secrets = ["keys", "origin-secret", "origin-secret-next"].map((name) => `/laurel/prod/${name}`);

let folder: string;
let aws: FakeAws;
beforeAll(async () => {
  // A folder of its own, so that nothing is left in `.sst` and no settings of this machine are read.
  folder = mkdtempSync(join(tmpdir(), "laurel-deploy-"));
  for (const name of readdirSync(root))
    if (!/^\.(sst|env|git|laurel)/.test(name)) symlinkSync(join(root, name), join(folder, name));
  aws = await openFakeAws({ parameters: secrets });
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});

function sst(command: string, { against = aws, settings = leastSettings as Record<string, string> } = {}) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|LAUREL_|SST_|NODE_ENV|VITEST|CI$)/.test(name));
  const child = spawn(process.execPath, ["node_modules/sst/cli/sst.js", command, "--stage", "prod"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...Object.fromEntries(kept),
      HOME: folder,
      CI: "1",
      AWS_ENDPOINT_URL: against.url,
      AWS_ACCESS_KEY_ID: "a",
      AWS_SECRET_ACCESS_KEY: "b",
      LAUREL_REGION: "eu-central-1",
      ...settings,
    },
  });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  return new Promise<{ code: number | null; said: string }>((done) =>
    child.on("close", (code) => done({ code, said })),
  );
}

const created = () => aws.calls.filter(({ action }) => action === "CreateStack").map(({ subject }) => subject);

test("settings that are wrong stop it before a single call", async () => {
  const { code, said } = await sst("deploy", { settings: { LAUREL_MAIL_FROM: "hello" } });
  expect(code).toBe(1);
  expect(said).toContain("LAUREL_MAIL_FROM is the plain address that mail comes from");
  expect(said).toContain("LAUREL_ALERT_EMAIL is not set");
  expect(said).not.toContain("    at ");
  expect(aws.calls).toEqual([]);
}, 60_000);

test("secrets that are not there stop it before its first stack", async () => {
  const empty = await openFakeAws();
  try {
    const { code, said } = await sst("deploy", { against: empty });
    expect(code).toBe(1);
    expect(said).toContain("npm run setup -- --stage prod");
    expect([...empty.stacks]).toEqual(["CDKToolkit", "SSTBootstrap"]);
  } finally {
    await empty.close();
  }
}, 120_000);

test("it makes a place for SST, uploads what is deployed, and makes the stacks in their order", async () => {
  const { code, said } = await sst("deploy");
  expect(said).toContain("Deployed:");
  expect(said).not.toMatch(/Errors|telemetry/);
  expect(code).toBe(0);

  const order = created();
  expect(order[0]).toBe("SSTBootstrap");
  const stacks = order.slice(1).map((name) => name.replace("prod-laurel-", ""));
  expect([...stacks].sort()).toEqual([
    "Alarms",
    "Budget",
    "Dashboard",
    "Data",
    "Http",
    "Jobs",
    "Mail",
    "Portal",
    "Stream",
  ]);
  const before = (a: string, b: string) =>
    expect(stacks.indexOf(a), `${a} before ${b}`).toBeLessThan(stacks.indexOf(b));
  before("Data", "Http");
  before("Http", "Portal");
  before("Portal", "Jobs");
  before("Portal", "Stream");

  const uploads = [...aws.objects].filter(([path]) => path.startsWith("/cdk-hnb659fds-assets-"));
  // Nine templates, eight functions, the portal's two parts and AWS's own helpers.
  expect(uploads.length).toBeGreaterThan(20);
}, 240_000);

test("its removal tells what stays and takes everything else", async () => {
  const { code, said } = await sst("remove");
  expect(code).toBe(0);
  expect(said).toContain("The table prod-laurel-table with all data");
  expect(said).toContain("LAUREL_TABLE=prod-laurel-table");
  expect([...aws.stacks]).toEqual(["CDKToolkit", "SSTBootstrap"]);
}, 120_000);
