import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ended } from "../../testing/io.ts";
import { command } from "./command.ts";
import { inWords, Problem } from "./problem.ts";

const root = join(import.meta.dirname, "../../../..");
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
const ours = Object.entries(scripts).flatMap(([name, script]) => {
  const [, file] = /^node (packages\/ops\/\S+)$/.exec(script) ?? [];
  return file ? [[name, file] as const] : [];
});

test("there are seven commands", () => {
  expect(ours.map(([name]) => name).sort()).toEqual([
    "cost",
    "licences",
    "owner-link",
    "redrive",
    "rotate",
    "setup",
    "smoke",
  ]);
});

test.each(ours)("npm run %s -- --help says how it is used", (name, file) => {
  const said = execFileSync(process.execPath, [join(root, file), "--help"], { encoding: "utf8" });
  expect(said).toContain(`npm run ${name}`);
});

test("as a process, a problem is one paragraph and exit code 1", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "packages/ops/src/setup/main.ts")], {
    encoding: "utf8",
  });
  expect([status, stdout.trim(), stderr]).toEqual([1, "Say which stage: --stage prod", ""]);
});

const failing = (error: unknown) =>
  command({ usage: "x", about: "x", options: {}, run: () => Promise.reject(error) as Promise<number> });

test("a bug of ours keeps its stack, and a problem has none", async () => {
  const bug = await ended(failing(new TypeError("undefined is not a function")), "");
  expect(bug.code).toBe(1);
  expect(bug.text).toMatch(/TypeError: undefined is not a function\n\s+at /);
  expect(await ended(failing(new Problem("Do this.")), "")).toEqual({ code: 1, text: "\nDo this." });
});

test("what AWS refuses is told in words", () => {
  const of = (name: string, more: object = {}) =>
    inWords(Object.assign(new Error("User: x is not authorized to perform: ssm:PutParameter"), { name, ...more }))
      ?.message;
  expect(of("CredentialsProviderError")).toContain("aws sso login");
  expect(of("TokenProviderError")).toContain("aws sso login");
  expect(of("ExpiredToken")).toContain("is over");
  expect(of("AccessDenied")).toContain("ssm:PutParameter");
  expect(of("Error", { code: "ENOTFOUND" })).toContain("--region");
  expect(of("TimeoutError")).toContain("cannot be reached");
  expect(of("ValidationException", { $metadata: {} })).toContain("AWS answered ValidationException");
  expect(of("TypeError")).toBeUndefined();
});
