import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { mostSettings, synth } from "../../../../stacks/synth.testing.ts";
import { type Bundled, findBundled, handlerFiles, root } from "./bundled.ts";
import { licenceDocuments } from "./document.ts";
import { isAllowed, readPackages } from "./licence.ts";
import { licenceFiles } from "./licences.ts";

let bundled: Bundled;
beforeAll(async () => {
  bundled = await findBundled();
}, 120_000);

test("what is bundled is what is deployed: every handler of the templates", async () => {
  const made = await synth({ settings: mostSettings });
  made.dispose();
  const handlers = made.functions.map(({ handler }) => handler.replace(/\.handler$/, ".ts"));
  expect([...new Set(handlers)].sort()).toEqual(handlerFiles());
});

test("the code of functions, of the portal and of its documentation is found", () => {
  const placesOf = (name: string) => [...(bundled.get(`node_modules/${name}`) ?? [])];
  expect(placesOf("hono")).toEqual(["functions"]);
  expect(placesOf("react-dom")).toEqual(["portal"]);
  expect(placesOf("tailwindcss")).toEqual(["portal"]);
  expect(placesOf("zod")).toContain("functions");
  expect(placesOf("swagger-ui-dist")).toEqual(["API docs"]);
  expect([...bundled.keys()].filter((folder) => !folder.includes("node_modules/"))).toEqual([]);
  expect([...bundled.keys()].filter((folder) => /vitest|esbuild|\/sst$|aws-cdk/.test(folder))).toEqual([]);
});

test("every package may be deployed under its licence; what visitors are sent brings its text along", () => {
  for (const { name, licence, text, places } of readPackages(bundled)) {
    expect(isAllowed(licence), `${name}: ${licence}`).toBe(true);
    if (places.join() !== "functions") expect(text.length, name).toBeGreaterThan(100);
  }
});

test("docs/licences.md and the portal's licences.txt are what npm run licences writes", () => {
  const { markdown, text } = licenceDocuments(bundled);
  expect(readFileSync(licenceFiles.markdown, "utf8"), "run npm run licences").toBe(markdown);
  expect(readFileSync(licenceFiles.text, "utf8"), "run npm run licences").toBe(text);
  // What the documentation's own bundle is made of is named as well.
  expect(text).toContain("swagger-ui-dist");
  expect(text).toMatch(/DOMPurify/);
});

test("an expression is allowed where it can be followed", () => {
  for (const fine of ["MIT", "Apache-2.0", "(MIT OR GPL-3.0-only)", "MIT AND ISC", "GPL-2.0 OR BSD-3-Clause"])
    expect(isAllowed(fine), fine).toBe(true);
  for (const not of [
    "GPL-3.0-only",
    "MIT AND GPL-3.0-only",
    "UNLICENSED",
    "SEE LICENSE IN X",
    "none told",
    "CC0-1.0",
    "(MIT OR (ISC AND GPL-2.0))",
  ])
    expect(isAllowed(not), not).toBe(false);
});

test("a package without a licence, or with its own words for one, is told and refused", () => {
  const folder = mkdtempSync(join(root, "node_modules/.cache-licences-"));
  try {
    const of = (told: object) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "x", version: "1.0.0", ...told }));
      return readPackages(new Map([[folder.slice(root.length + 1), new Set(["portal"] as const)]]))[0]!;
    };
    expect(of({})).toMatchObject({ licence: "none told", text: "", places: ["portal"] });
    expect(of({ licenses: [{ type: "MIT" }, { type: "GPL-2.0" }] }).licence).toBe("MIT OR GPL-2.0");
    expect(of({ license: { type: "ISC" } }).licence).toBe("ISC");
    expect(isAllowed(of({ license: "Custom" }).licence)).toBe(false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

const read = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
const lock = read("package-lock.json") as {
  packages: Record<string, { hasInstallScript?: boolean; version?: string }>;
};

test("nothing that is deployed needs an install script", () => {
  const known = [...bundled.keys()];
  expect(known.filter((folder) => !lock.packages[folder])).toEqual([]);
  expect(known.filter((folder) => lock.packages[folder]?.hasInstallScript)).toEqual([]);
});

test("every dependency is named by its exact version, and install scripts are run for none", () => {
  const { workspaces, allowScripts } = read("package.json");
  const files = Object.keys(lock.packages).filter((path) => path !== "" && !path.includes("node_modules"));
  expect(files.length).toBeGreaterThanOrEqual(workspaces.length);
  const ranges = ["", ...files].flatMap((folder) => {
    const told = read(join(folder, "package.json"));
    const kinds = ["dependencies", "devDependencies", "optionalDependencies", "peerDependencies"];
    return kinds.flatMap((kind) =>
      Object.entries(told[kind] ?? {}).flatMap(([name, version]) =>
        /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version as string) ? [] : [`${folder || "."}: ${name} ${version}`],
      ),
    );
  });
  expect(ranges).toEqual([]);
  expect(Object.values(allowScripts)).toEqual(Object.values(allowScripts).map(() => false));
  const scripted = Object.entries(lock.packages).flatMap(([path, { hasInstallScript }]) =>
    hasInstallScript ? [path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)] : [],
  );
  expect([...new Set(scripted)].sort()).toEqual(Object.keys(allowScripts).sort());
});
