import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { reachable } from "./bundle.ts";
import type { SynthFunction } from "./synth.testing.ts";

export interface BundleSize {
  /** Of all of its code, minified, with what is imported only when it is needed. */
  bytes: number;
  /** The same files, each compressed, as in the archive that is uploaded. */
  gzipBytes: number;
  /** Full paths, its entry first. */
  files: string[];
}

/** The code of a function as it would be uploaded. */
export function sizeOf({ bundle, handler }: Pick<SynthFunction, "bundle" | "handler">): BundleSize {
  const entry = entryOf({ bundle, handler });
  const files = reachable(entry).map((name) => join(dirname(entry), name));
  const contents = files.map((file) => readFileSync(file));
  return {
    bytes: contents.reduce((sum, content) => sum + content.length, 0),
    gzipBytes: contents.reduce((sum, content) => sum + gzipSync(content).length, 0),
    files,
  };
}

export const entryOf = ({ bundle, handler }: Pick<SynthFunction, "bundle" | "handler">): string =>
  join(bundle!, handler.replace(/\.\w+$/, ".mjs"));
