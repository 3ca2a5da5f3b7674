import type { ConnectCheckout } from "@laurel/contract";
import * as Connections from "@laurel/core/connection";
import { sweepEffects } from "@laurel/core/effect-runner";
import { sweepJobs } from "@laurel/core/job-runner";
import { demoStoreUrl } from "../shops/names.ts";
import type { Reached } from "./demo-beside.ts";
import type { Play } from "./demo-play.ts";
import { type Step, sweeping } from "./demo-steps.ts";
import type { Team } from "./demo-team.ts";
import { after, hourMs, minuteMs, type Year } from "./demo-year.ts";

/** Connects a checkout as its owner does, and lets what follows happen: its webhook, and then the codes. @returns its id */
export async function connect(year: Year, { owner }: Team, at: Date, input: ConnectCheckout): Promise<string> {
  const name = `connect ${input.name}`;
  const { id } = await Connections.connect(year.at(at, name, owner), input);
  year.forgetProgram();
  await sweepEffects(year.at(after(at, 3 * minuteMs), `webhook of ${name}`));
  year.forgetProgram();
  await sweepJobs(year.at(after(at, 5 * minuteMs), `codes of ${name}`));
  return id;
}

async function disconnect(year: Year, { owner }: Team, at: Date, id: string): Promise<void> {
  await Connections.disconnect(year.at(at, `disconnect ${id}`, owner), id);
  year.forgetProgram();
  await sweepEffects(year.at(after(at, 3 * minuteMs), `close ${id}`));
  year.forgetProgram();
}

/** Accounts on which the team tried how it all works, before anybody joined. */
export async function seedFirstTrials(year: Year, team: Team): Promise<void> {
  for (let n = 0; n < year.size.rare; n++) {
    const at = after(year.daysAgo(367), n * 2 * hourMs);
    const apiKey = `sk_test_shopDemoTrial${n + 1}`;
    const id = await connect(year, team, at, { provider: "stripe", name: `Trial account ${n + 1}`, apiKey });
    await disconnect(year, team, after(at, hourMs), id);
  }
}

/** What opens the store of the demo. */
export const storeInput = ({ shops }: Reached): ConnectCheckout => {
  const [consumerKey = "", consumerSecret = ""] = shops.keys.woocommerce.apiKey.split(":");
  return { provider: "woocommerce", name: "Demo store", shopUrl: demoStoreUrl, consumerKey, consumerSecret };
};

/** Accounts whose key may not make a webhook: their connecting has not come to its end. */
export function connectingSteps({ year, team }: Play, { stripeFaults }: Reached): Step[] {
  return Array.from({ length: year.size.rare }, (_, n): Step => {
    const at = after(year.daysAgo(5), n * hourMs);
    const run = async () => {
      stripeFaults.push({
        matches: (method, path) => method === "POST" && path === "/v1/webhook_endpoints",
        answer: "refuse",
        status: 403,
        times: 1,
      });
      const apiKey = `rk_test_shopDemoLimited${n + 1}`;
      await connect(year, team, at, { provider: "stripe", name: `Outlet ${n + 1}`, apiKey });
    };
    return { at, name: `connecting ${n}`, concerns: [sweeping], run };
  });
}
