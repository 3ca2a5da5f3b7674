import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StartProblem } from "../problem.ts";
import { type BinaryOptions, findBinary } from "./binary.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "laurel-binary-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A platform that npm put no engine on. */
const elsewhere = (more: BinaryOptions = {}): Promise<string> =>
  findBinary({
    folder,
    platform: "sunos",
    arch: "sparc",
    resolve: () => {
      throw Object.assign(new Error("not installed"), { code: "MODULE_NOT_FOUND" });
    },
    env: {},
    ...more,
  });
const problemOf = async (found: Promise<string>): Promise<string> => {
  const error = await found.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(StartProblem);
  expect(error.message).not.toContain("\n");
  return error.message;
};

/** An npx that notes how it was called, and does what it is told to do. */
function fakeNpx(script: string): { env: Record<string, string>; calls: () => string } {
  const bin = join(folder, "fake");
  const calls = join(folder, "calls");
  mkdirSync(bin);
  writeFileSync(calls, "");
  writeFileSync(join(bin, "npx"), `#!/bin/sh\nprintf '%s\\n' "$*" >> "${calls}"\n${script}\n`, { mode: 0o755 });
  chmodSync(join(bin, "npx"), 0o755);
  return {
    env: { PATH: [bin, process.env.PATH].join(delimiter), LAUREL_FETCH_ENGINE: "1" },
    calls: () => readFileSync(calls, "utf8"),
  };
}

test("where npm put one, it is that one", async () => {
  expect(await findBinary({ platform: "linux", arch: "x64", resolve: (id) => `/x/${id}` })).toBe(
    "/x/@dynoxide/linux-x64/dynoxide",
  );
  expect(await findBinary({ platform: "win32", arch: "x64", resolve: (id) => `/x/${id}` })).toBe(
    "/x/@dynoxide/win32-x64/dynoxide.exe",
  );
});

test("without one, one line names the three ways out, and nothing is fetched unasked", async () => {
  const { env, calls } = fakeNpx("exit 1");
  const line = await problemOf(elsewhere({ env: { PATH: env.PATH } }));
  for (const way of [
    "sunos-sparc",
    "npx dynoxide@1.2.1",
    "LAUREL_FETCH_ENGINE=1",
    "DYNAMODB_ENDPOINT",
    "npm run engine:aws",
  ])
    expect(line).toContain(way);
  expect(calls()).toBe("");
});

test("asked to, it is fetched once by npx, and kept", async () => {
  // As npx leaves it: the launcher's folder is on the path, the platform's package beside it.
  const modules = join(folder, "npx/node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  mkdirSync(join(modules, "@dynoxide/sunos-sparc"), { recursive: true });
  writeFileSync(join(modules, "@dynoxide/sunos-sparc/dynoxide"), "an engine");
  const { env, calls } = fakeNpx(`PATH="${join(modules, ".bin")}:$PATH"; shift 3; exec "$@"`);
  const kept = join(folder, "bin/dynoxide");
  expect(await elsewhere({ env })).toBe(kept);
  expect(readFileSync(kept, "utf8")).toBe("an engine");
  expect(statSync(kept).mode & 0o111).not.toBe(0);
  expect(calls()).toContain("--yes --package=dynoxide@1.2.1 -- node -e");
  expect(await elsewhere({ env })).toBe(kept);
  expect(await elsewhere({ env: {} })).toBe(kept);
  expect(calls().trim().split("--yes").length - 1).toBe(1);
});

test("a package without one for this platform, and an npx that fails, are one line each", async () => {
  const without = fakeNpx('shift 3; exec "$@"');
  expect(await problemOf(elsewhere({ env: without.env }))).toMatch(
    /^npx dynoxide@1\.2\.1 did not bring the engine \(dynoxide@1\.2\.1 carries no @dynoxide\/sunos-sparc\)/,
  );
  rmSync(join(folder, "fake"), { recursive: true });
  const failing = fakeNpx("echo 'npm error 404 Not Found - GET https://registry.example/dynoxide' >&2; exit 1");
  expect(await problemOf(elsewhere({ env: failing.env }))).toContain("404 Not Found");
});
