import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { bundling, docsFiles } from "../../../../stacks/bundle.ts";

export const root = join(import.meta.dirname, "../../../..");

/** Where a package of somebody else's ends up. */
export const places = ["functions", "portal", "API docs"] as const;
export type Place = (typeof places)[number];

/** The folder of a package, from the root, and everywhere that code of it ends up. */
export type Bundled = Map<string, Set<Place>>;

/** The files whose `handler` is deployed. A test holds them equal to the templates'. */
export const handlerFiles = (): string[] =>
  globSync("{functions,stacks}/**/*.ts", { cwd: root, exclude: (name) => /node_modules/.test(name) })
    .filter((file) => !/\.(test|testing)\.ts$/.test(file))
    .filter((file) => /^export const handler\b/m.test(readFileSync(join(root, file), "utf8")))
    .sort();

/** Bundles everything as a deployment does, and looks at what was taken in. Nothing is written. */
export async function findBundled(): Promise<Bundled> {
  const found: Bundled = new Map();
  const add = (files: Iterable<string>, place: Place) => {
    for (const file of files) {
      const folder = packageOf(file);
      if (folder) found.set(folder, (found.get(folder) ?? new Set()).add(place));
    }
  };
  add(await ofFunctions(), "functions");
  add(await ofPortal(), "portal");
  add(
    docsFiles.map(({ from }) => from),
    "API docs",
  );
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `node_modules/@scope/name` of a file inside of it; undefined for our own. */
function packageOf(file: string): string | undefined {
  const path = relative(root, join(root, relative(root, file))).replaceAll("\\", "/");
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0];
}

/** The bundler that SST brings along, with the options that SST gives it (sst/runtime/handlers/node.js). */
interface Esbuild {
  build(
    options: object,
  ): Promise<{ metafile: { outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }> } }>;
}

async function ofFunctions(): Promise<string[]> {
  const fromStacks = createRequire(join(root, "stacks/package.json"));
  const esbuild: Esbuild = createRequire(fromStacks.resolve("sst/package.json"))("esbuild");
  const { metafile } = await esbuild.build({
    entryPoints: handlerFiles().map((file) => join(root, file)),
    absWorkingDir: root,
    outdir: join(root, "node_modules/.cache/laurel/licences"),
    write: false,
    bundle: true,
    platform: "node",
    target: "esnext",
    mainFields: ["module", "main"],
    format: bundling.format,
    minify: bundling.minify,
    splitting: bundling.splitting,
    metafile: true,
    logLevel: "silent",
    ...bundling.esbuild,
  });
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [join(root, file)] : [])),
  );
}

interface Vite {
  build(options: object): Promise<unknown>;
}
interface Chunk {
  modules?: Record<string, { renderedLength: number }>;
}

async function ofPortal(): Promise<string[]> {
  const web = join(root, "web");
  const vite = dirname(createRequire(join(web, "package.json")).resolve("vite/package.json"));
  const { build }: Vite = await import(pathToFileURL(join(vite, "dist/node/index.js")).href);
  const files: string[] = [];
  const collect = {
    name: "laurel-licences",
    generateBundle(_: unknown, bundle: Record<string, Chunk>) {
      for (const { modules = {} } of Object.values(bundle))
        for (const [id, { renderedLength }] of Object.entries(modules))
          if (renderedLength > 0) files.push(id.replace(/^\0/, "").split("?")[0]!);
    },
  };
  await build({ root: web, logLevel: "silent", mode: "production", build: { write: false }, plugins: [collect] });
  return [...files, ...stylesOf(web)];
}

/** What style sheets take in by name; its rules are in the output, and it is in nobody's list of modules. */
const stylesOf = (web: string): string[] =>
  globSync("src/**/*.css", { cwd: web }).flatMap((file) =>
    [...readFileSync(join(web, file), "utf8").matchAll(/@import\s+"([^./"][^"]*)"/g)].map((match) =>
      createRequire(join(web, "package.json")).resolve(`${packageName(match[1]!)}/package.json`),
    ),
  );
const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
