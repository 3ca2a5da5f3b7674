import { globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

/** Who may import whom. Tests and their helpers may import anything; what runs may not. */
const tools = /(\.test\.tsx?|[.-]suite\.ts|testing\.ts|\/testing\/|\/test\/|\/scripts\/|\/bench\/)/;
const sources = globSync("{packages,functions,stacks,web}/**/*.{ts,tsx}", {
  exclude: (name) => /node_modules|dist/.test(name),
})
  .filter((file) => !file.endsWith(".d.ts") && !file.includes("node_modules") && !file.includes("/dist/"))
  .sort();

interface Import {
  file: string;
  /** A path from the root for our own files, else the package's name as written. */
  to: string;
  typeOnly: boolean;
}

const pattern = /^\s*(import|export)\s+(type\s)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"|import\("([^"]+)"\)/gm;

function importsOf(file: string): Import[] {
  return [...readFileSync(file, "utf8").matchAll(pattern)].map((match) => {
    const to = match[3] ?? match[4] ?? "";
    const own = to.startsWith(".")
      ? normalize(join(dirname(file), to))
      : to
          .replace(/^@laurel\/core\//, "packages/core/src/")
          .replace(/^@laurel\/contract/, "packages/contract/src")
          .replace(/^@laurel\/functions\//, "functions/")
          .replace(/^@laurel\/local\//, "packages/local/");
    // `typeof import("…")` loads nothing.
    const typeOnly =
      match[2] !== undefined ||
      (match[4] !== undefined && /typeof\s+$/.test(readFileSync(file, "utf8").slice(0, match.index)));
    return { file, to: own, typeOnly };
  });
}

const imports = sources.filter((file) => !tools.test(file)).flatMap(importsOf);
const from = (folder: string) => imports.filter((each) => each.file.startsWith(folder));
const told = (each: Import) => `${each.file} → ${each.to}`;
const isPackage = (to: string) =>
  !to.startsWith("packages/") && !to.startsWith("functions/") && !to.startsWith("web/") && !to.startsWith("stacks/");

test("there is something to check", () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(300);
});

test("contract imports zod and itself", () => {
  expect(
    from("packages/contract/")
      .filter(({ to }) => to !== "zod" && !to.startsWith("packages/contract/"))
      .map(told),
  ).toEqual([]);
});

test("core imports contract, itself and libraries; never functions, local or the portal", () => {
  expect(
    from("packages/core/")
      .filter(({ to }) => !isPackage(to) && !/^packages\/(core|contract)\//.test(to))
      .map(told),
  ).toEqual([]);
});

test("functions import core and contract, never local, stacks or the portal", () => {
  expect(
    from("functions/")
      .filter(({ to }) => !isPackage(to) && !/^(functions\/|packages\/(core|contract))/.test(to))
      .map(told),
  ).toEqual([]);
});

test("nothing that is deployed imports local", () => {
  expect(
    imports.filter(({ file, to }) => !file.startsWith("packages/local/") && to.startsWith("packages/local")).map(told),
  ).toEqual([]);
});

/** What a deployment must know of the code: plain constants, in files that import nothing. */
const shared = [
  "packages/core/src/table/schema.ts",
  "packages/core/src/table/consumed.ts",
  "packages/core/src/kernel/metrics.ts",
  "web/headers.ts",
];

test("stacks import constants that they share with the code, and nothing else of ours", () => {
  expect(
    from("stacks/")
      .filter(({ to }) => !isPackage(to) && !to.startsWith("stacks/") && !shared.includes(to))
      .map(told),
  ).toEqual([]);
  expect(
    shared
      .flatMap(from)
      .filter(({ typeOnly }) => !typeOnly)
      .map(told),
  ).toEqual([]);
});

test("the portal imports the contract, and of functions only types", () => {
  expect(
    from("web/")
      .filter(
        ({ to, typeOnly }) =>
          !isPackage(to) &&
          !to.startsWith("web/") &&
          !to.startsWith("packages/contract") &&
          !(to.startsWith("functions/") && typeOnly),
      )
      .map(told),
  ).toEqual([]);
});

test("a vendor's SDK is imported by its gateway alone", () => {
  const owners: Record<string, RegExp> = {
    stripe: /^packages\/(core\/src\/gateway\/stripe|local\/src\/(stripe|shop)|ops\/src\/smoke)\//,
    "@aws-sdk/client-ssm": /^(packages\/(core\/src\/gateway\/secrets|ops)\/|stacks\/preflight\.ts)/,
    "@aws-sdk/client-sesv2": /^packages\/core\/src\/gateway\/mail\//,
    "@aws-sdk/client-dynamodb": /^packages\/(core\/src\/table|local|ops\/src\/redrive)\//,
    electrodb: /^packages\/core\/src\/(table\/entity\.ts|.*\.entity\.ts)/,
  };
  expect(imports.filter(({ file, to }) => owners[to] && !owners[to].test(file)).map(told)).toEqual([]);
});

test("only the runtime reads the environment of a function", () => {
  const readers = sources.filter(
    (file) =>
      /^(functions|packages\/(core|contract))\//.test(file) &&
      !tools.test(file) &&
      readFileSync(file, "utf8").includes("process.env"),
  );
  expect(readers).toEqual(["functions/settings.ts"]);
});

const concept = (file: string) => /^packages\/core\/src\/([^/]+)\//.exec(file)?.[1];
const ground = new Set(["kernel", "table", "gateway"]);

test("concepts do not import each other in circles", () => {
  const graph = new Map<string, Set<string>>();
  for (const { file, to, typeOnly } of from("packages/core/src/")) {
    const [a, b] = [concept(file), concept(`${to}${to.endsWith(".ts") ? "" : "/"}`)];
    if (!a || !b || a === b || typeOnly || ground.has(a) || ground.has(b)) continue;
    graph.set(a, (graph.get(a) ?? new Set()).add(b));
  }
  const circles: string[] = [];
  const visit = (at: string, path: string[]): void => {
    if (path.includes(at)) circles.push([...path.slice(path.indexOf(at)), at].join(" → "));
    else for (const next of graph.get(at) ?? []) visit(next, [...path, at]);
  };
  for (const start of graph.keys()) visit(start, []);
  expect([...new Set(circles)]).toEqual([]);
});
