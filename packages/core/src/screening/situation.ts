import type { AmbassadorItem } from "../ambassador/index.ts";
import { ClickEntity } from "../click/index.ts";
import { CommissionEntity } from "../commission/index.ts";
import { CustomerEntity } from "../customer/index.ts";
import { buyerTold } from "../event/index.ts";
import type { Mailbox, Marks, Situation } from "../flag/index.ts";
import type { Context } from "../kernel/context.ts";
import { addDays, dayOf } from "../kernel/time.ts";
import { customerItemKey, OrderEntity, type OrderItem, orderKey } from "../order/index.ts";
import { ProfileEntity, personKeys } from "../person/index.ts";
import { RollupEntity } from "../rollup/index.ts";
import { parse } from "../table/entity.ts";
import { keys } from "../table/keys.ts";
import { getItem, getItems, queryPage } from "../table/read.ts";
import { mailboxOf } from "./mailbox.ts";
import { marksOf } from "./marks.ts";

/** So many orders of an ambassador are counted. */
const mostRecent = 400;

/** Reads what the rules look at about an order and the ambassador who has it. By keys and one query; nothing is written. */
export async function situationOf(ctx: Context, order: OrderItem, ambassador: AmbassadorItem): Promise<Situation> {
  const { timeZone } = (await ctx.program()).program;
  const day = dayOf(timeZone, new Date(order.occurredAt));
  const dayKey = (each: string) => ({ pk: `ROLL#${ambassador.id}`, sk: `${each}#-` });
  const [profileItem, click, ...days] = await getItems(ctx.table, [
    personKeys.profile(ambassador.personId),
    keys.click(order.clickId ?? "-"),
    dayKey(day),
    dayKey(addDays(day, -1)),
  ]);
  const profile = parse(ProfileEntity, profileItem);
  const [{ items }, bought, own] = await Promise.all([
    queryPage(ctx.table, { pk: `AMB#${ambassador.id}`, skUpTo: `COM#${order.occurredAt}~` }, { limit: mostRecent }),
    buyerTold(ctx, order.eventIds),
    profile ? ownPurchase(ctx, profile.emailKey) : none,
  ]);
  const commissions = items.filter((item) => item.sk.startsWith("COM#")).map((item) => parse(CommissionEntity, item)!);
  const visit = parse(ClickEntity, click);
  return {
    at: order.occurredAt,
    attributedBy: order.attribution?.kind ?? "manual",
    code: order.attribution?.code,
    buyer: {
      mailbox: bought.email ? await mailboxOf(ctx.keys, bought.email) : undefined,
      marks: marksOf(ctx.keys, bought.bodies),
    },
    ambassador: { mailbox: profile ? await mailboxOf(ctx.keys, profile.email) : undefined, marks: own },
    click: visit && { ads: visit.ads, couponSite: visit.couponSite },
    recent: commissions.map(({ occurredAt, code, earnedMinor, reversedMinor }) => ({
      at: occurredAt,
      code,
      returned: reversedMinor * 2 > earnedMinor,
    })),
    cut: items.length === mostRecent,
    clicks: days.reduce((sum, item) => sum + (parse(RollupEntity, item)?.clicks ?? 0), 0),
  } satisfies Situation & { buyer: { mailbox?: Mailbox | undefined } };
}

const none: Marks = { cards: [], addresses: [] };

/** What the ambassador's own first order tells, where they bought under their own address and its events are still kept. */
async function ownPurchase(ctx: Context, emailKey: string): Promise<Marks> {
  const customer = parse(CustomerEntity, await getItem(ctx.table, customerItemKey(emailKey)));
  if (!customer?.firstOrderId) return none;
  const order = parse(OrderEntity, await getItem(ctx.table, orderKey(customer.firstOrderId)));
  return order ? marksOf(ctx.keys, (await buyerTold(ctx, order.eventIds)).bodies) : none;
}
