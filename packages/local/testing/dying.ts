import { expect } from "vitest";
import type { Runtime } from "../../../functions/runtime.ts";
import type { Actor, Context } from "../../core/src/kernel/index.ts";
import type { Item } from "../../core/src/table/read.ts";
import type { Death } from "./crashing.ts";
import { openWorld, type World } from "./index.ts";
import { type Machine, openMachine, type Redelivery, redeliveries } from "./machine.ts";
import { scan } from "./scan.ts";

const atOnce = 4;
/** A point takes half a second where nothing else runs; a time-out is no way to fail. */
export const patient = { timeout: 1_200_000 };

/** What is done on a machine that may die, by people and senders who ask again until they have an answer. */
type Scenario<T> = (life: Life<T>) => Promise<void>;
export interface Life<T = unknown> {
  /** What was there before the machine was switched on. */
  had: T;
  world: World;
  machine: Machine;
  /** Asks with an Idempotency-Key, again with the same one where no answer came. */
  ask<T>(key: string, actor: Actor, work: (ctx: Context) => Promise<T>): Promise<T>;
  again: Redelivery;
}

export const keyed = (runtime: Runtime, actor: Actor, key: string): Context =>
  runtime.context(actor, { idempotency: { key, bodyHash: key } });

/** Lives through a scenario on a world of its own. Returns what there was to die at, and what was mailed twice. */
async function live<T>(scenario: Scenario<T>, before: Before<T>, deaths: Death[], again: Redelivery) {
  const world = await openWorld();
  const had = await before(world);
  await world.settle();
  world.mails.length = 0;
  const machine = await openMachine(world, deaths);
  try {
    await scenario({
      had,
      world,
      machine,
      again,
      ask: (key, actor, work) => machine.insist((runtime) => work(keyed(runtime, actor, key)), again),
    });
    const [first] = machine.processes;
    return { points: first!.points, died: first!.dead(), twice: await mailedTwice(world, machine) };
  } finally {
    machine.close();
    await world.close();
  }
}

type Before<T> = (world: World) => Promise<T>;

/** What a death before a call leaves is what one after the call before it leaves: a slow engine is left with each of them once. */
const slow = process.env.DYNAMODB_ENDPOINT !== undefined;

/**
 * Lets a scenario die once at each of its points, before and after.
 * @param before what another scenario has died in already, and is only the ground for this one
 */
export async function dieEverywhere<T = undefined>(
  name: string,
  scenario: Scenario<T>,
  before: Before<T> = async () => undefined as T,
): Promise<void> {
  const whole = await live(scenario, before, [], "at once");
  expect(whole.twice).toBe(0);
  // By name and number, because some points come in another order in another run.
  const all = whole.points.flatMap((of, n) => {
    const at = whole.points.slice(0, n + 1).filter((each) => each === of).length;
    const whens = slow && n > 0 ? (["after"] as const) : (["before", "after"] as const);
    return whens.map((when, m) => ({ at, of, when, again: redeliveries[(n + m) % 3]! }));
  });
  let twice = 0;
  const next = all.values();
  const worker = async (): Promise<void> => {
    for (const { again, ...death } of next) {
      const where = `${death.when} ${death.of} (${death.at}), redelivered ${again}`;
      const life = await live(scenario, before, [death], again).catch((error: unknown) => {
        throw new Error(`Died ${where}: ${(error as Error).message}`, { cause: error });
      });
      expect(life.died, where).toBe(true);
      twice += life.twice;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  console.log(`${name}: died ${all.length} times, at ${whole.points.length} calls; mails sent twice: ${twice}`);
}

export const kindsThatMail = (item: Item): boolean => item.__edb_e__ === "effect" && item.kind.startsWith("mail.");

/** Each mail is sent once, and once more only where the process died between the mail service's answer and its own record. */
export async function mailedTwice(world: World, machine: Machine): Promise<number> {
  const sendings = machine.sendings();
  // What was told again after all was over has sent nothing more.
  expect(world.mails).toHaveLength(sendings.length);
  const effects = (await scan(world)).filter(kindsThatMail);
  let twice = 0;
  for (const [effectId, each] of Map.groupBy(sendings, (sending) => sending.effectId)) {
    expect(effects.find((item) => item.id === effectId)?.state).toBe("done");
    each.slice(1).forEach((later, n) => {
      const earlier = each[n]!;
      expect(earlier.process, `${later.subject} is sent again after a death`).toBeLessThan(later.process);
      expect(earlier.recorded, `${later.subject} is sent again though it was recorded`).toBe(false);
      twice++;
    });
    // What was sent and not recorded is sent again by the next process, unless the mail has nothing to say by then.
    const last = each.at(-1)!;
    expect(last.recorded || machine.processes[last.process]!.dead(), `${last.subject} is recorded`).toBe(true);
  }
  return twice;
}

/** The mails that somebody was to have had by now, each of them at least once, in their order. */
export function expectMails(machine: Machine, to: string, kinds: string[], effects: Item[]): void {
  const sent = machine.sendings().filter((each) => each.to === to);
  const kindsSent = [...new Set(sent.map((each) => each.effectId))].map(
    (id) => effects.find((item) => item.id === id)!.kind,
  );
  expect(kindsSent).toEqual(kinds);
}

export const codesAtStripe = (world: World) =>
  [...world.stripe.promotionCodes.values()].map(({ code, active }) => ({ code, active }));

export function expectNothingWaits(items: Item[]): void {
  const left = items.filter((item) => item.__edb_e__ === "effect" && !["done", "cancelled"].includes(item.state));
  expect(left).toEqual([]);
}
