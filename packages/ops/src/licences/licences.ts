import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { command } from "../cli/command.ts";
import { Problem } from "../cli/problem.ts";
import { findBundled, root } from "./bundled.ts";
import { licenceDocuments } from "./document.ts";
import { isAllowed, readPackages } from "./licence.ts";

export const licenceFiles = {
  markdown: join(root, "docs/licences.md"),
  text: join(root, "web/public/licences.txt"),
} as const;

export const licences = command({
  usage: "npm run licences",
  about:
    "Bundles functions and portal as a deployment does, and writes whose code is in them: docs/licences.md, web/public/licences.txt.",
  options: {},
  run: async (_, { say }) => {
    const bundled = await findBundled();
    const refused = readPackages(bundled).filter(({ licence }) => !isAllowed(licence));
    if (refused.length > 0)
      throw new Problem(
        `These may not be deployed under their licence:\n${refused.map(({ name, version, licence, folder }) => `  ${name} ${version}: ${licence} (${folder})`).join("\n")}`,
      );
    const documents = licenceDocuments(bundled);
    for (const kind of ["markdown", "text"] as const) {
      mkdirSync(dirname(licenceFiles[kind]), { recursive: true });
      writeFileSync(licenceFiles[kind], documents[kind]);
      say(`Wrote ${licenceFiles[kind]}`);
    }
    return 0;
  },
});
