import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drillsOf } from "./bundle-drills.testing.ts";
import { lifeOf } from "./bundle-life.testing.ts";
import { sizeOf } from "./bundle-size.testing.ts";
import { mostSettings, type Synth, type SynthFunction, synth } from "./synth.testing.ts";

/** What `sst deploy` would upload, run as Lambda would run it, from the environment that the templates give it. */
let deployment: Synth;
beforeAll(async () => {
  deployment = await synth({ mode: "deploy", settings: mostSettings });
}, 300_000);
afterAll(() => deployment?.dispose());

const wholeOf = ({ bundle }: SynthFunction): string[] =>
  readdirSync(bundle!, { recursive: true, withFileTypes: true }).flatMap((each) =>
    each.isFile() ? [join(each.parentPath, each.name)] : [],
  );
const bundleOf = (name: string): SynthFunction => deployment.functions.find((each) => each.name === name)!;

describe("what is uploaded", () => {
  test("is small where somebody waits for it: the redirect has 450 KB at most, the receiver of webhooks 1.25 MB", () => {
    const sizes = Object.fromEntries(deployment.functions.map((each) => [each.name, sizeOf(each).bytes]));
    expect(sizes.redirect).toBeLessThanOrEqual(450_000);
    expect(sizes.webhook).toBeLessThanOrEqual(1_250_000);
  });

  test("holds no route and no code of a machine of one's own, no source map and nobody's secret", () => {
    for (const each of deployment.functions) {
      const files = wholeOf(each);
      expect(files.filter((file) => file.endsWith(".map"))).toEqual([]);
      const code = files
        .filter((file) => file.endsWith(".mjs"))
        .map((file) => readFileSync(file, "utf8"))
        .join("\n");
      // Words of packages/local: its routes, its engine, its inbox, its folder, its stand-in for Stripe.
      for (const word of [
        "/local/clock",
        "/local/sign-in",
        "dynoxide",
        "aws-ses-v2-local",
        ".laurel/",
        "stripe.sqlite",
        "node:sqlite",
        "sourceMappingURL",
      ])
        expect(code.includes(word), `${each.name} holds ${word}`).toBe(false);
      expect(code).not.toMatch(/sk_(test|live)_[A-Za-z0-9]{8,}|whsec_[A-Za-z0-9]{8,}/);
    }
  });

  test("leaves out of the redirect what it does not use", () => {
    const { files } = sizeOf(bundleOf("redirect"));
    const code = files.map((file) => readFileSync(file, "utf8")).join("\n");
    for (const word of ["electrodb", "ZodType", "@aws-sdk/client-ssm", "AmazonSSM", "stripe.com", "powertools"])
      expect(code.includes(word), word).toBe(false);
  });
});

lifeOf(() => deployment);
drillsOf(() => deployment);
