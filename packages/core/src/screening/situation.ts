import type { AmbassadorItem } from "../ambassador/index.ts";
import { ClickEntity } from "../click/index.ts";
import type { Commission } from "../commission/index.ts";
import { CustomerEntity } from "../customer/index.ts";
import { buyersTold } from "../event/index.ts";
import type { Marks, Recent, Situation } from "../flag/index.ts";
import type { Context } from "../kernel/context.ts";
import { addDays, dayOf } from "../kernel/time.ts";
import { customerItemKey, OrderEntity, type OrderItem, orderKey } from "../order/index.ts";
import { type Profile, ProfileEntity, personKeys } from "../person/index.ts";
import { RollupEntity } from "../rollup/index.ts";
import { parse } from "../table/entity.ts";
import { keys } from "../table/keys.ts";
import { getItems, type Item, queryPage } from "../table/read.ts";
import { mailboxOf } from "./mailbox.ts";
import { marksOf } from "./marks.ts";

/** So many orders of an ambassador are counted. */
const mostRecent = 400;

/** So many more are read where several orders of an ambassador are looked at, each up to itself. */
const beyond = 100;

/** An order and the ambassador who has it. */
export interface Subject {
  order: OrderItem;
  ambassador: AmbassadorItem;
}

/**
 * Reads what the rules look at about orders and the ambassadors who have them. By keys and one query for each ambassador,
 * whatever number of orders they have among them; nothing is written.
 */
export async function situationsOf(
  ctx: Context,
  subjects: readonly Subject[],
): Promise<ReadonlyMap<Subject, Situation>> {
  const { timeZone } = (await ctx.program()).program;
  const around = subjects.map(({ order, ambassador }) => {
    const day = dayOf(timeZone, new Date(order.occurredAt));
    const dayKey = (each: string) => ({ pk: `ROLL#${ambassador.id}`, sk: `${each}#-` });
    return [
      personKeys.profile(ambassador.personId),
      keys.click(order.clickId ?? "-"),
      dayKey(day),
      dayKey(addDays(day, -1)),
    ];
  });
  const [items, buyers, windows] = await Promise.all([
    getItems(ctx.table, around.flat()),
    buyersTold(
      ctx,
      subjects.map(({ order }) => order.eventIds),
    ),
    windowsOf(ctx, subjects),
  ]);
  const profiles = subjects.map((_, at) => parse(ProfileEntity, items[at * around[at]!.length]));
  const purchases = await ownPurchases(ctx, profiles);
  return new Map(
    await Promise.all(
      subjects.map(async (subject, at): Promise<[Subject, Situation]> => {
        const [click, ...days] = items.slice(at * around[at]!.length + 1, (at + 1) * around[at]!.length);
        const [profile, bought, visit] = [profiles[at], buyers[at]!, parse(ClickEntity, click)];
        const { order, ambassador } = subject;
        // An order that is somebody's by their code may name a visit by another one's link.
        const own = visit?.ambassadorId === ambassador.id;
        return [
          subject,
          {
            at: order.occurredAt,
            attributedBy: order.attribution?.kind ?? "manual",
            code: order.attribution?.code,
            buyer: {
              mailbox: bought.email ? await mailboxOf(ctx.keys, bought.email) : undefined,
              marks: marksOf(ctx.keys, bought.bodies),
            },
            ambassador: {
              mailbox: profile ? await mailboxOf(ctx.keys, profile.email) : undefined,
              marks: (profile && purchases.get(profile.personId)) ?? none,
            },
            click: own ? { ads: visit.ads, couponSite: visit.couponSite } : undefined,
            ...windows.get(subject)!,
            clicks: days.reduce((sum, item) => sum + (parse(RollupEntity, item)?.clicks ?? 0), 0),
          },
        ];
      }),
    ),
  );
}

type Window = Pick<Situation, "recent" | "cut">;

/** The orders up to each. Those of one ambassador overlap, so they are read once, up to the last one. */
export async function windowsOf(ctx: Context, subjects: readonly Subject[]): Promise<ReadonlyMap<Subject, Window>> {
  const windows = new Map<Subject, Window>();
  const groups = Map.groupBy(subjects, ({ ambassador }) => ambassador.id);
  await Promise.all(
    [...groups].map(async ([ambassadorId, group]) => {
      const upTo = ({ order }: Subject) => `COM#${order.occurredAt}~`;
      const read = async (skUpTo: string, limit: number) => {
        const { items, last } = await queryPage(ctx.table, { pk: `AMB#${ambassadorId}`, skUpTo }, { limit });
        return { found: items, ended: last === undefined };
      };
      const last = group.map(upTo).reduce((a, b) => (a > b ? a : b));
      const shared = await read(last, mostRecent + (group.length > 1 ? beyond : 0));
      for (const subject of group) {
        const skUpTo = upTo(subject);
        let upToIt = shared.found.filter(({ sk }) => sk <= skUpTo);
        // An order of long before the last one: what was read does not go back far enough from it.
        if (upToIt.length < mostRecent && !shared.ended) upToIt = (await read(skUpTo, mostRecent)).found;
        const counted = upToIt.slice(0, mostRecent);
        const commissions = counted.filter(({ sk }) => sk.startsWith("COM#"));
        windows.set(subject, { recent: commissions.map(recentOf), cut: counted.length === mostRecent });
      }
    }),
  );
  return windows;
}

/** Of a commission as it is stored: to have so many read as entities takes several times as long as to read them. */
const recentOf = (item: Item): Recent => {
  const { occurredAt, code, earnedMinor, reversedMinor } = item as Commission;
  return { at: occurredAt, code, returned: reversedMinor * 2 > earnedMinor };
};

const none: Marks = { cards: [], addresses: [] };

/** What each person's own first order tells, where they bought under their own address and its events are still kept. */
async function ownPurchases(
  ctx: Context,
  profiles: readonly (Profile | undefined)[],
): Promise<ReadonlyMap<string, Marks>> {
  const people = [...new Map(profiles.flatMap((each) => (each ? [[each.personId, each]] : []))).values()];
  const customers = await getItems(
    ctx.table,
    people.map(({ emailKey }) => customerItemKey(emailKey)),
  );
  const bought = people.flatMap(({ personId }, at) => {
    const orderId = parse(CustomerEntity, customers[at])?.firstOrderId;
    return orderId ? [{ personId, orderId }] : [];
  });
  const orders = await getItems(
    ctx.table,
    bought.map(({ orderId }) => orderKey(orderId)),
  );
  const told = await buyersTold(
    ctx,
    orders.map((item) => parse(OrderEntity, item)?.eventIds ?? []),
  );
  return new Map(bought.map(({ personId }, at) => [personId, marksOf(ctx.keys, told[at]!.bodies)]));
}
