import { readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import type { FunctionProps, NodeJSProps } from "sst/constructs";

const require = createRequire(import.meta.url);

type Plugin = NonNullable<NonNullable<NodeJSProps["esbuild"]>["plugins"]>[number];

/**
 * Packages that are imported and never used here, by who imports them, and what stands in their place.
 * ElectroDB shapes items and makes no calls, so it needs no client; with it came every command of the SDK. It holds each model
 * against a JSON schema when it is made: the tests see to that, for every model, and a cold start does not. The two were half
 * of the time that a function took to load. And a function's credentials are in its environment, where the SDK looks first:
 * profiles, single sign-on and instance roles are a machine's.
 */
const unused: readonly { importer: RegExp; imported: RegExp; instead: string }[] = [
  {
    importer: /[\\/]electrodb[\\/]/,
    imported: /^@aws-sdk\/(lib|util)-dynamodb$/,
    instead: "module.exports = {};",
  },
  {
    importer: /[\\/]electrodb[\\/]/,
    imported: /^jsonschema$/,
    instead: `
      class Validator { addSchema() {} validate() { return { errors: [] }; } }
      Validator.prototype.customFormats = {};
      module.exports = { Validator };`,
  },
  {
    // Groups of models, and transactions across them: tests and tools have them.
    importer: /[\\/]electrodb[\\/]/,
    imported: /^\.\/(src\/)?(service|transaction)$/,
    instead: "module.exports = {};",
  },
  {
    importer: /[\\/]@aws-sdk[\\/]credential-provider-node[\\/]/,
    imported: /^@(aws-sdk|smithy)\/credential-provider-(http|imds|ini|process|sso|web-identity)$/,
    instead: 'throw new Error("There are no credentials in the environment of this function");',
  },
];

const withoutUnused: Plugin = {
  name: "without-unused",
  setup(build) {
    for (const [at, { importer, imported }] of unused.entries())
      build.onResolve({ filter: imported }, (found) =>
        importer.test(found.importer) ? { path: found.path, namespace: "unused", pluginData: at } : undefined,
      );
    build.onLoad({ filter: /.*/, namespace: "unused" }, ({ pluginData }) => ({
      contents: unused[pluginData as number]!.instead,
    }));
  },
};

/**
 * How the code of a function becomes what is deployed.
 * Split, so that what is imported when it is needed (mail, parameters, templates) is a file of its own, which a cold start
 * does not read. Without source maps, which would be uploaded beside it; names are kept instead.
 */
export const bundling: NodeJSProps = {
  format: "esm",
  minify: true,
  splitting: true,
  sourcemap: false,
  esbuild: {
    // Stripe's build for runtimes with `fetch` loads in a third of the time of the one for Node.
    alias: { stripe: join(dirname(require.resolve("stripe")), "..", "esm", "stripe.esm.worker.js") },
    plugins: [withoutUnused],
  },
};

/** Files of a bundle that its entry imports, at once or later, itself or through others. */
export function reachable(entry: string): string[] {
  const folder = dirname(entry);
  const found = new Set<string>();
  const look = (name: string): void => {
    if (found.has(name)) return;
    found.add(name);
    const code = readFileSync(join(folder, name), "utf8");
    for (const [, other] of code.matchAll(/["'`]\.\/([\w.-]+\.mjs)["'`]/g)) look(other!);
  };
  look(basename(entry));
  return [...found];
}

/**
 * Drops the files of a bundle that nothing imports: esbuild writes one for each `import()` that it has read, also where the
 * function around it is used by nobody and was left out.
 */
export const afterBundling: NonNullable<FunctionProps["hooks"]> = {
  afterBuild: async ({ handler }, out) => {
    const entry = join(out, handler!.replace(/\.\w+$/, ".mjs"));
    const used = new Set(reachable(entry));
    for (const name of readdirSync(dirname(entry)))
      if (name.endsWith(".mjs") && !used.has(name)) rmSync(join(dirname(entry), name));
  },
};

/** Swagger UI's own files, which the API serves at /api/docs; they lie beside its code. */
export const docsFiles: NonNullable<FunctionProps["copyFiles"]> = [
  "swagger-ui.css",
  "swagger-ui-bundle.js",
  "favicon-32x32.png",
].map((name) => ({ from: `node_modules/swagger-ui-dist/${name}`, to: `functions/api/docs/${name}` }));
