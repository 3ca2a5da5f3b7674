import { mkdirSync } from "node:fs";
import { parseArgs } from "node:util";
import { benchCold, printCold } from "./cold.ts";
import { benchFlat, printFlat } from "./flat.ts";
import { benchRedirect, printRedirect } from "./redirect.ts";
import { benchSale, printSale } from "./sale.ts";
import { benchStart, printStart } from "./start.ts";

const usage = `Usage: npm run bench -- sale|redirect|cold|start [options]

  --json          figures as JSON on standard output; progress goes to standard error
  --orders N      sale: orders that are in the table beforehand (1000)
  --flat          sale: compares the p50 with --orders stored (100000) with that of 1,000
  --seconds S     how long each run takes (2)
  --rounds N      how often each is run; medians are told (3; cold 21)
  --profile DIR   a CPU profile of the serving process`;

function whole(text: string | undefined, name: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > 1_000_000)
    throw new Error(`--${name} takes a whole number from ${least} on.\n\n${usage}`);
  return value;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      orders: { type: "string" },
      flat: { type: "boolean", default: false },
      seconds: { type: "string", default: "2" },
      rounds: { type: "string" },
      profile: { type: "string" },
    },
  });
  const say = (line: string) => console.error(line);
  const options = {
    orders: whole(values.orders ?? (values.flat ? "100000" : "1000"), "orders", 0),
    seconds: whole(values.seconds, "seconds", 1),
    rounds: whole(values.rounds ?? "3", "rounds", 1),
    profile: values.profile,
    say,
  };
  if (options.profile) mkdirSync(options.profile, { recursive: true });
  const tell = (line: string) => console.log(line);
  const json = (result: object) => tell(JSON.stringify(result, null, 2));
  switch (positionals.join(" ")) {
    case "sale": {
      if (values.flat) {
        const result = await benchFlat(options);
        return values.json ? json(result) : printFlat(result, tell);
      }
      const result = await benchSale(options);
      return values.json ? json(result) : printSale(result, tell);
    }
    case "redirect": {
      const result = await benchRedirect(options);
      return values.json ? json(result) : printRedirect(result, tell);
    }
    case "cold": {
      const result = await benchCold({ say, rounds: whole(values.rounds ?? "21", "rounds", 1) });
      return values.json ? json(result) : printCold(result, tell);
    }
    case "start": {
      const result = await benchStart({ say, rounds: options.rounds });
      return values.json ? json(result) : printStart(result, tell);
    }
    default:
      throw new Error(usage);
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
