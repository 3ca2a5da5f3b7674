import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { command, type Io } from "../cli/command.ts";
import { Problem } from "../cli/problem.ts";
import { apiChecks } from "./api.ts";
import { behindChecks } from "./behind.ts";
import { runChecks, tableOf } from "./check.ts";
import { portalChecks } from "./portal.ts";
import { redirectChecks } from "./redirect.ts";
import { openSite } from "./site.ts";
import { type Tried, webhookChecks } from "./webhook.ts";

export const smoke = command({
  usage: "npm run smoke -- --url https://friends.example.com",
  about: `Looks at a deployment from outside, as visitors and checkouts do, and tells what is not as it should be. It changes nothing,
but for one harmless event that is kept as ignored where a connection and its secret are given.
The signing secret comes from LAUREL_WEBHOOK_SECRET or from stdin. For npm start on this machine it is found by itself.`,
  options: {
    url: {
      type: "string",
      value: "https://…",
      help: "where the portal is reached; what npm start says where left out",
    },
    connection: { type: "string", value: "con_…", help: "a connection whose webhook is tried" },
    provider: { type: "string", value: "stripe", help: "its checkout: stripe, shopify or woocommerce" },
    "secret-from-stdin": { type: "boolean", help: "reads its signing secret from stdin" },
    behind: {
      type: "string",
      value: "https://….lambda-url…",
      help: "function URLs that must refuse; commas between several",
    },
  },
  run: async (values, io) => {
    const local = readLocal(io.env.LAUREL_DIR);
    const url = values.url ?? local?.portalUrl;
    if (!url) throw new Problem("Say where: --url https://… (or start one on this machine: npm start)");
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new Problem(`--url ${url} is no web address.`);
    const site = openSite(new URL(url).origin);
    const tried = await readTried(values, io, local && sameMachine(url, local.portalUrl) ? local : undefined);
    const behind = values.behind?.split(",").map((each) => each.trim()) ?? [];
    for (const each of behind) if (!URL.canParse(each)) throw new Problem(`--behind ${each} is no web address.`);

    const results = await runChecks(
      [...apiChecks, ...portalChecks, ...webhookChecks(tried), ...redirectChecks, ...behindChecks(behind)],
      site,
    );
    io.say(`${site.origin}\n\n${tableOf(results)}`);
    const failed = results.filter(({ outcome }) => outcome === "FAIL").length;
    io.say(failed === 0 ? "\nAll is well." : `\n${failed} of ${results.length} checks failed.`);
    return failed === 0 ? 0 : 1;
  },
});

/** What a Laurel that runs on this machine tells of itself. */
interface Local {
  portalUrl: string;
  connections: { id: string; provider: string; webhookSecret: string }[];
}

function readLocal(folder = ".laurel"): Local | undefined {
  try {
    return JSON.parse(readFileSync(join(resolve(folder), "run.json"), "utf8"));
  } catch {
    return undefined;
  }
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);
const sameMachine = (a: string, b: string): boolean => {
  const [one, other] = [new URL(a), new URL(b)];
  return one.port === other.port && loopback.has(one.hostname) && loopback.has(other.hostname);
};

async function readTried(
  values: { connection?: string; provider?: string; "secret-from-stdin"?: boolean },
  io: Io,
  local: Local | undefined,
): Promise<Tried | undefined> {
  const found = local?.connections.find(({ id }) => !values.connection || id === values.connection);
  const id = values.connection ?? found?.id;
  if (!id) return undefined;
  if (!/^con_[a-z0-9]{1,40}$/.test(id))
    throw new Problem(`--connection ${id} is no connection's id; one begins with con_`);
  const provider = values.provider ?? found?.provider ?? "stripe";
  if (!["stripe", "shopify", "woocommerce"].includes(provider))
    throw new Problem(`--provider ${provider} is not known.`);
  const piped = values["secret-from-stdin"] ? await io.stdin() : undefined;
  const secret = piped || io.env.LAUREL_WEBHOOK_SECRET?.trim() || found?.webhookSecret;
  return { provider, id, secret };
}
