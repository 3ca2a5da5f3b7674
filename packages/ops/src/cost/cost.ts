import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { command } from "../cli/command.ts";
import { costDocument } from "./document.ts";

export const costFile = join(import.meta.dirname, "../../../../docs/cost.md");

export const cost = command({
  usage: "npm run cost",
  about:
    "Writes docs/cost.md: what a month costs, from measured quantities and dated list prices (packages/ops/src/cost).",
  options: {},
  run: async (_, { say }) => {
    writeFileSync(costFile, costDocument());
    say(`Wrote ${costFile}`);
    return 0;
  },
});
