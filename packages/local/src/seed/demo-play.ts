import type { Connection } from "@laurel/core/connection";
import * as Events from "@laurel/core/event";
import type { Context } from "@laurel/core/kernel";
import { aliasKey, loadOrder, type OrderItem } from "@laurel/core/order";
import type { ProgramSnapshot } from "@laurel/core/program";
import { getItem } from "@laurel/core/table";
import type { DemoAmbassador } from "./demo-ambassadors.ts";
import type { Bought } from "./demo-bought.ts";
import { type DemoEvent, type DemoSale, stripeId } from "./demo-events.ts";
import type { Pool } from "./demo-pool.ts";
import type { Team } from "./demo-team.ts";
import { dayMs, type Year } from "./demo-year.ts";

/** All that the stories of the demo's year are played with. */
export interface Play {
  year: Year;
  team: Team;
  pool: Pool;
  till: Till;
  ambassadors: readonly DemoAmbassador[];
  /** Of the rest, a purchase by the code of somebody who has no part of their own. */
  byCode: (bought: Bought) => boolean;
  cast: Cast;
}

/** Ambassadors who have a part in a story of several purchases, so that no other story is told of them. */
export interface Cast {
  /** Whose code gets about. */
  leaking: readonly DemoAmbassador[];
  /** Who buy at their own shop, and then somebody of their household does. */
  household: readonly DemoAmbassador[];
  /** Whose buyers send most of it back. */
  sentBack: readonly DemoAmbassador[];
}

/** The later ones, who sell less. */
export const castOf = (ambassadors: readonly DemoAmbassador[], rare: number): Cast => {
  const few = ambassadors.slice(-16, -4);
  return rare === 0
    ? { leaking: [], household: [], sentBack: [] }
    : { household: few.slice(0, rare + 1), sentBack: few.slice(-6, -5), leaking: few.slice(-rare) };
};

/** The connection that the demo was set up with; later ones stand beside it. */
export const mainConnection = ({ connections }: ProgramSnapshot): Connection =>
  connections.find((each) => !each.connectedAt && each.provider === "stripe" && !each.connectingAt)!;

/** The brand's own Stripe account, by which most is sold. */
export interface Till {
  connection: Connection;
  receive(ctx: Context, told: DemoEvent): Promise<unknown>;
  orderOf(ctx: Context, sale: Pick<DemoSale, "n">): Promise<OrderItem>;
}

export const tillOf = (connection: Connection): Till => ({
  connection,
  receive: (ctx, told) => Events.receive(ctx, connection, told, told.body, Number.POSITIVE_INFINITY),
  orderOf: (ctx, { n }) => orderByAlias(ctx, connection, stripeId("cs", n)),
});

export async function orderByAlias(ctx: Context, connection: Connection, alias: string): Promise<OrderItem> {
  const item = await getItem(ctx.table, aliasKey(connection.namespace, alias));
  if (!item?.orderId) throw new Error(`The demo's purchase ${alias} made no order`);
  return (await loadOrder(ctx, item.orderId as string)).order;
}

export const byCodeBeside =
  (cast: Cast) =>
  ({ sale, owner }: Bought): boolean =>
    owner !== undefined && sale.promotionCodeId !== undefined && !Object.values(cast).flat().includes(owner);

/** Whether the code of an ambassador worked when something was bought. */
export const soldFor =
  (owner: DemoAmbassador) =>
  ({ sale }: Bought): boolean =>
    sale.at.getTime() > owner.since.getTime() + 3 * dayMs;

/** A purchase, by the code of an ambassador. */
export const given = ({ sale }: Bought, owner: DemoAmbassador): Bought => ({
  owner,
  sale: { ...sale, percentOff: owner.percentOff, promotionCodeId: owner.promotionCodeId, byLink: false },
});

/** A purchase that nothing connects with anybody. */
export const unasked = ({ sale, owner }: Bought): Bought => ({
  owner,
  sale: {
    ...sale,
    percentOff: 0,
    promotionCodeId: undefined,
    byLink: false,
    email: `nobody${sale.n}@example.com`,
  },
});
