import type { Connection } from "../connection/index.ts";
import type { Context } from "../kernel/context.ts";
import { type Write, write } from "../table/transact.ts";
import type { Link, MoneyFact, Parked } from "./fact.ts";
import type { Place } from "./keys.ts";
import type { Decided } from "./outcome.ts";
import { ParkedEntity } from "./parked.entity.ts";
import { forgetParked, type KnownAlias, putAlias } from "./state.ts";

const maxParked = 60;
const maxOthers = 12;
/** How long until a purchase that is not known is looked for at the checkout, and then again. */
export const lookEveryMs = 3_600_000;

/**
 * Keeps what came before its purchase on one of its ids, which the purchase will have to claim; the other ids point there.
 * A link, which tells of no money, is kept in the same way: its ids are known to be of one purchase when one of them is told.
 */
export function park(
  ctx: Context,
  connection: Connection,
  event: string | undefined,
  facts: readonly (MoneyFact | Link)[],
  aliases: readonly KnownAlias[],
): Decided {
  const main = aliases.find((each) => each.alias.startsWith("pi_")) ?? aliases[0]!;
  const waiting = aliases.flatMap(({ item }) => item?.parked ?? []);
  const kept = event === undefined ? waiting : waiting.filter((each) => each.event !== event);
  const parked: Parked[] = [
    ...kept,
    // A link is no more than its event by now: the ids point at one another.
    ...facts.flatMap((fact): Parked[] => (fact.kind !== "link" || event ? [{ ...fact, event }] : [])),
  ];
  if (parked.length > maxParked)
    return {
      outcome: { status: "unprocessable", sentence: "Too many refunds wait for a purchase that never came." },
      writes: [],
    };
  const waits = parked.some((each) => each.kind !== "link");
  const stored = aliases.find((each) => each.alias === main.alias && each.namespace === main.namespace)?.item;
  const others = [
    ...new Set(
      aliases.flatMap(({ namespace, alias }) => (namespace === main.namespace && alias !== main.alias ? [alias] : [])),
    ),
  ].slice(0, maxOthers);
  const parkedAt = waits ? (stored?.parkedAt ?? ctx.now().toISOString()) : undefined;
  const writes = aliases.flatMap((each): Write[] => {
    const { namespace, alias, item } = each;
    const version = (item?.version ?? 0) + 1;
    if (alias === main.alias && namespace === main.namespace)
      return [
        putAlias(ctx, { namespace, alias, parked, parkedAt, ...(others.length > 0 ? { others } : {}), version }, item),
        ...(parkedAt && !stored?.parkedAt ? [lookOut(ctx, connection, each, parkedAt)] : []),
      ];
    // Another namespace's id can't point here; it stands for itself, and the purchase names both.
    if (namespace !== main.namespace) return [];
    if (item?.sameAs === main.alias && !item.parked) return [];
    return [
      putAlias(ctx, { namespace, alias, sameAs: main.alias, version }, item),
      ...(item?.parkedAt ? [forgetParked(ctx, each)] : []),
    ];
  });
  return {
    outcome: {
      status: "processed",
      sentence: facts.some((each) => each.kind !== "link")
        ? "It is kept until the purchase that it belongs to arrives."
        : "It is remembered that these ids are of one purchase, which has not arrived.",
    },
    writes,
  };
}

const lookOut = (ctx: Context, connection: Connection, { namespace, alias }: Place, parkedAt: string): Write =>
  write.put(
    `parked ${namespace} ${alias}`,
    ParkedEntity.put({
      namespace,
      alias,
      connectionId: connection.id,
      parkedAt,
      nextLookAt: new Date(Date.parse(parkedAt) + lookEveryMs).toISOString(),
      looks: 0,
    }).params({ table: ctx.table.name }),
  );
