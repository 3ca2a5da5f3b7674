import { queryAll } from "@laurel/core/table";
import { type Child, openChild } from "./child.ts";
import type { BenchEngine } from "./engine.ts";
import { keepBusy, openSender, type Run } from "./load.ts";
import { baseMinor, type Purchase, sessionBy } from "./purchase.ts";
import type { Call } from "./recorder.ts";
import type { Server } from "./server.ts";
import { type Staged, stage } from "./stage.ts";

export const ambassadors = 1000;
export const warmUp = 400;

/** A program under sale: its server, and what was acknowledged to whom. */
export interface Counter {
  staged: Staged;
  server: Child<Server>;
  port: number;
  acknowledged: Map<string, number>;
  next: number;
}

type Ambassador = Staged["ambassadors"][number];
/** Makes a payment that an ambassador has brought about. */
export type Buy = (staged: Staged, ambassador: Ambassador) => Purchase;
const bySession: Buy = (staged, { promotionCodeId }) => sessionBy(staged, promotionCodeId);

export async function openCounter(
  engine: BenchEngine,
  options: { name: string; consumers: boolean; profile?: string | undefined },
): Promise<Counter> {
  const { table, ...staged } = await stage({ endpoint: engine.endpoint, tableName: options.name, ambassadors });
  const server = openChild<Server>(
    "./server.ts",
    options.profile ? ["--cpu-prof", `--cpu-prof-dir=${options.profile}`] : [],
  );
  const { ambassadors: _, rateBp: __, ...staging } = staged;
  const { port } = await server.ask("open", { staging, consumers: options.consumers });
  return { staged: { ...staged, table }, server, port, acknowledged: new Map(), next: 0 };
}

interface How {
  inFlight: number;
  seconds: number;
  atMost?: number;
}

/** Delivers of one ambassador after the other, as fast as so many senders at once can. */
export async function tell(
  counter: Counter,
  how: How,
  make: Buy,
  onTold?: (purchase: Purchase, ambassador: Ambassador) => void,
): Promise<Run> {
  const { staged, port } = counter;
  const sender = openSender(port, how.inFlight);
  const run = await keepBusy(how, async () => {
    const ambassador = staged.ambassadors[counter.next++ % staged.ambassadors.length]!;
    const purchase = make(staged, ambassador);
    const status = await sender
      .send("POST", purchase.path, purchase.headers, purchase.body)
      .catch((error: Error) => error.message);
    if (status === 200) onTold?.(purchase, ambassador);
    return String(status);
  });
  sender.close();
  if (Object.keys(run.failed).length > 0) throw new Error(`Deliveries were refused: ${JSON.stringify(run.failed)}`);
  return run;
}

/** Sells to one code after the other; whoever is acknowledged is remembered. */
export const sell = (
  counter: Counter,
  { buy = bySession, ...how }: How & { buy?: Buy | undefined },
  onSold?: (purchase: Purchase) => void,
): Promise<Run> =>
  tell(counter, how, buy, (purchase, { id }) => {
    counter.acknowledged.set(id, (counter.acknowledged.get(id) ?? 0) + 1);
    onSold?.(purchase);
  });

/** Every acknowledged sale stands there exactly once: as a commission, as an entry and in the balance. @throws Error */
export async function checkBooks({ staged, acknowledged }: Counter): Promise<number> {
  let found = 0;
  const earnedMinor = (baseMinor * staged.rateBp) / 10_000;
  for (const { id } of staged.ambassadors) {
    const items = await queryAll(staged.table, { pk: `AMB#${id}` }, { atMost: 1_000_000 });
    const count = (prefix: string) => items.filter((item) => item.sk.startsWith(prefix)).length;
    const expected = acknowledged.get(id) ?? 0;
    const pendingMinor: number = items.find((item) => item.sk === "ACC#EUR")?.pendingMinor ?? 0;
    if (count("COM#") !== expected || count("LED#") !== expected || pendingMinor !== expected * earnedMinor)
      throw new Error(
        `${id}: ${expected} sales were acknowledged; there are ${count("COM#")} commissions, ${count("LED#")} entries and ${pendingMinor} pending instead of ${expected * earnedMinor}`,
      );
    found += expected;
  }
  return found;
}

/** One sale's calls, from the receipt of the webhook on; whoever reads afterwards finds commission and balance. */
export async function recordOne(
  counter: Counter,
  buy?: Buy | undefined,
): Promise<{ calls: Call[]; purchase: Purchase; ambassadorId: string }> {
  const ambassadorId = counter.staged.ambassadors[counter.next % ambassadors]!.id;
  let purchase: Purchase | undefined;
  await counter.server.ask("record", undefined);
  await sell(counter, { inFlight: 1, seconds: 60, atMost: 1, buy }, (sold) => {
    purchase = sold;
  });
  const calls = await counter.server.ask("recorded", undefined);
  return { calls, purchase: purchase!, ambassadorId };
}

/** The ids that stand in a recorded sale and nowhere else. */
export function idsOf(calls: readonly Call[], { ids }: Purchase): string[] {
  const made = JSON.stringify(calls).match(/(?:ord|led)_[0-9a-z]{26}/g) ?? [];
  const customer = JSON.stringify(calls).match(/(?<=CUS#)[\w.]+/)?.[0];
  return [...new Set([...ids, ...(customer ? [customer] : []), ...made])];
}
