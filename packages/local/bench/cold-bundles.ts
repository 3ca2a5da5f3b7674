import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundling } from "../../../stacks/bundle.ts";
import { entryOf, sizeOf } from "../../../stacks/bundle-size.testing.ts";
import { mostSettings, type Synth, synth } from "../../../stacks/synth.testing.ts";
import { answer } from "./child.ts";

/** A piece of code to load, and what it weighs. */
export interface Loadable {
  name: string;
  entry: string;
  bytes: number;
  gzipBytes: number;
}

/** The part of the AWS SDK that every function needs: the clients, and the commands that the table's layer sends. */
const yardstick = `
export { DynamoDBClient } from "@aws-sdk/client-dynamodb";
export {
  BatchGetCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, TransactWriteCommand, UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
`;

let made: Synth | undefined;
const folder = mkdtempSync(join(tmpdir(), "laurel-cold-"));
// CDK leaves its own there, too.
process.env.TMPDIR = folder;

/** Bundles the clients alone, with the options that the functions are bundled with. */
async function bundleSdk(): Promise<Loadable> {
  const { build } = createRequire(createRequire(import.meta.url).resolve("sst/package.json"))("esbuild");
  const handler = "sdk/index.handler";
  await build({
    stdin: { contents: yardstick, resolveDir: import.meta.dirname, sourcefile: "index.ts" },
    outdir: join(folder, "sdk"),
    entryNames: "index",
    outExtension: { ".js": ".mjs" },
    bundle: true,
    platform: "node",
    target: "esnext",
    mainFields: ["module", "main"],
    keepNames: true,
    logLevel: "error",
    format: bundling.format,
    minify: bundling.minify,
    splitting: bundling.splitting,
    ...bundling.esbuild,
    banner: { js: `import { createRequire as r } from "node:module"; const require = r(import.meta.url);` },
  });
  const { bytes, gzipBytes } = sizeOf({ bundle: folder, handler });
  return { name: "sdk", entry: entryOf({ bundle: folder, handler }), bytes, gzipBytes };
}

const answers = {
  /** What a deployment would upload, the SDK's clients alone, and nothing at all. */
  make: async (): Promise<{ functions: Loadable[]; sdk: Loadable; bare: Loadable }> => {
    made = await synth({ mode: "deploy", settings: mostSettings });
    const functions = made.functions.map(({ name, bundle, handler }): Loadable => {
      const { bytes, gzipBytes } = sizeOf({ bundle, handler });
      return { name, entry: entryOf({ bundle, handler }), bytes, gzipBytes };
    });
    const entry = join(folder, "bare.mjs");
    writeFileSync(entry, "export const handler = () => {};\n");
    return { functions, sdk: await bundleSdk(), bare: { name: "bare", entry, bytes: 0, gzipBytes: 0 } };
  },
};
export type Bundler = typeof answers;
answer(answers);
process.once("exit", () => {
  made?.dispose();
  rmSync(folder, { recursive: true, force: true });
});
