import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { docsFiles } from "../../../../stacks/bundle.ts";
import { type Bundled, type Place, root } from "./bundled.ts";

/** A package of somebody else's that is deployed. */
export interface Package {
  name: string;
  version: string;
  /** As the package says it: an SPDX expression. */
  licence: string;
  places: Place[];
  /** Its licence, and its notice where it has one; "" where it brings none along. */
  text: string;
  /** Its folder, from the root. */
  folder: string;
}

/** What may be deployed: it asks for no more than to be named, or, as 0BSD and the Unlicense, for nothing. */
const allowed = new Set(["MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD", "Unlicense"]);
/**
 * Whether the SPDX licence expression of a package can be followed with what is allowed here: one of those that OR joins, all
 * of those that AND joins (https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/).
 */
export function isAllowed(licence: string): boolean {
  const outer = licence.trim().replace(/^\((.*)\)$/, "$1");
  if (/[()]/.test(outer)) return false;
  return outer.split(/\s+OR\s+/).some((choice) => choice.split(/\s+AND\s+/).every((each) => allowed.has(each)));
}

export const readPackages = (bundled: Bundled): Package[] =>
  [...bundled].map(([folder, places]): Package => {
    const at = join(root, folder);
    const { name, version, license, licenses } = JSON.parse(readFileSync(join(at, "package.json"), "utf8"));
    const told = license ?? licenses?.map((each: { type: string }) => each.type).join(" OR ");
    return {
      name,
      version,
      licence: (typeof told === "string" ? told : told?.type) ?? "none told",
      places: [...places],
      text: textOf(at),
      folder,
    };
  });

/** Of a file that was bundled by its makers, they say beside it what is in it. */
const besideDocs = new Set(docsFiles.map(({ from }) => join(root, `${from}.LICENSE.txt`)));

function textOf(folder: string): string {
  const files = readdirSync(folder).filter(
    (name) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(name) || besideDocs.has(join(folder, name)),
  );
  return files
    .sort()
    .map((name) => readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim())
    .join("\n\n");
}
