import { orderStatuses, type ReversalCause, type Rules, type SignalKind } from "@laurel/contract";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import type { Candidate, Inputs } from "../attribution/attribution.ts";
import { anyTable, service } from "../table/entity.ts";
import { type DisputeState, type Parked, payments } from "./fact.ts";

export interface Attribution {
  kind: SignalKind;
  ambassadorId: string;
  code?: string | undefined;
}

/** The decision as it was made, frozen. */
export interface FrozenReceipt {
  revision: number;
  decidedAt: string;
  candidates: Candidate[];
  inputs?: Inputs | undefined;
  /** As they were in force; rules that came up later are absent. */
  rules: Pick<Rules, "version"> & Partial<Rules> & { holdDays: number };
  tier?: { id: string; name: string; rateBp: number } | undefined;
  /** Why it was decided again; absent on the first decision. */
  cause?: string | undefined;
  /** The decisions before this one, oldest first. */
  earlier?: { revision: number; decidedAt: string; cause: string }[] | undefined;
  reversals?: Reversal[] | undefined;
}

export interface Reversal {
  at: string;
  cause: ReversalCause;
  refundedMinor: number;
  /** Absent for none. */
  disputedMinor?: number | undefined;
  reversedMinor: number;
}

export interface OrderRefund {
  amountMinor: number;
  /** How much of the base went back, where that is told. */
  baseMinor?: number | undefined;
  state: "live" | "failed";
  /** When it failed: figures from before still count it. */
  failedAt?: string | undefined;
}

export interface OrderDispute {
  state: DisputeState;
  step: number;
  amountMinor: number;
  /** What has been withdrawn and not come back, where that is told. */
  withdrawnMinor?: number | undefined;
  /** Where it is not the order's own: what was withdrawn can't be told then. */
  currency?: string | undefined;
  at: string;
}

/** A reason for which the commission is held, by its name in `holds`. Kept once it is cleared, so that it is not stated anew. */
export interface OrderHold {
  since: string;
  /** When it ends by itself if nobody looks. Whoever ends it writes so: time alone clears nothing. */
  until?: string | undefined;
  /** The ambassador whom it concerns: it holds nothing that the order earns somebody else. Everybody's unless given. */
  ambassadorId?: string | undefined;
  clearedAt?: string | undefined;
}

export interface OutOfBand {
  grossMinor: number;
  baseMinor: number;
  /** Whether the rules of the time counted it. */
  counted: boolean;
}

/** One purchase, whatever number of provider events told of it, with its receipt. Every decision about it conditions on `version`. */
export const OrderEntity = new Entity(
  {
    model: { entity: "order", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      connectionId: { type: "string", required: true },
      aliases: { type: "list", required: true, items: { type: "string" } },
      /** The events that told of it (`con_…~evt_…`), so that erasing a buyer finds their stored bodies. */
      eventIds: { type: "list", required: true, items: { type: "string" } },
      occurredAt: { type: "string", required: true },
      /** YYYY-MM of `occurredAt`. */
      month: { type: "string", required: true },
      status: { type: [...orderStatuses] as const, required: true },
      payment: { type: [...payments] as const, required: true },
      currency: { type: "string", required: true },
      grossMinor: { type: "number", required: true },
      baseMinor: { type: "number", required: true },
      baseLines: { type: CustomAttributeType<[string, number][]>("any"), required: true },
      refundedMinor: { type: "number", required: true },
      /** By refund id: amount and whether it counts. */
      refunds: { type: CustomAttributeType<Record<string, OrderRefund>>("any") },
      /** The latest cumulative figure, and when it held. */
      refundedFloorMinor: { type: "number" },
      refundedFloorAt: { type: "string" },
      /** Everything refunded, added up anew by the provider, and when it held. */
      refundedExactMinor: { type: "number" },
      refundedExactAt: { type: "string" },
      /** By dispute id. */
      disputes: { type: CustomAttributeType<Record<string, OrderDispute>>("any") },
      /** Withdrawn by disputes and not come back. Absent for nothing. */
      disputedMinor: { type: "number" },
      /** Whether it was called off, and when that was said. */
      cancellation: { type: CustomAttributeType<{ cancelled: boolean; at: string }>("any") },
      /** Ambassadors who had earned by it before it was somebody else's: their commissions stay, and are taken back. */
      formerly: { type: "list", items: { type: "string" } },
      /** Why the commission is held, beside disputes: named reasons. */
      holds: { type: CustomAttributeType<Record<string, OrderHold>>("any") },
      /** What the shop and the buyer call it. */
      number: { type: "string" },
      /** The number as it is looked for; absent where there is none. */
      numberKey: { type: "string" },
      /** What was paid outside of the checkout, where anything was, and whether the amounts have it in them. */
      outOfBand: { type: CustomAttributeType<OutOfBand>("any") },
      /** When the amounts held, where that was told. */
      amountsAt: { type: "string" },
      subscription: { type: CustomAttributeType<{ id: string; part: "start" | "renewal" }>("any") },
      /** Whose it is hangs on the checkout that it came from, which was not told yet. */
      awaits: { type: ["checkout"] as const },
      /** The order that stands for this purchase. */
      mergedInto: { type: "string" },
      customerKey: { type: "string" },
      promotionCodeIds: { type: "list", items: { type: "string" } },
      /** Codes by their text, upper case. */
      codes: { type: "list", items: { type: "string" } },
      clickId: { type: "string" },
      earlierClickIds: { type: "list", items: { type: "string" } },
      attribution: { type: CustomAttributeType<Attribution>("any") },
      receipt: { type: CustomAttributeType<FrozenReceipt>("any"), required: true },
      flags: { type: "list", items: { type: "string" } },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["id"], template: "ORDER#${id}" },
        sk: { field: "sk", casing: "none", composite: [], template: "ORDER" },
      },
      /** Which orders came lately? By month, newest first. */
      byMonth: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["month"], template: "ORDERS#${month}" },
        sk: { field: "gsi1sk", casing: "none", composite: ["occurredAt", "id"], template: "${occurredAt}#${id}" },
      },
      /** Which orders have this number at a shop? Only those that have one: a sale without pays nothing for it. */
      byNumber: {
        index: "gsi2",
        condition: (item: { numberKey?: string }) => item.numberKey !== undefined,
        pk: { field: "gsi2pk", casing: "none", composite: ["numberKey"], template: "NUMBER#${numberKey}" },
        // No composite beside the number: an order without one touches nothing of this index then.
        sk: { field: "gsi2sk", casing: "none", composite: [], template: "ORDER" },
      },
    },
  },
  { table: anyTable },
);
export type OrderItem = EntityItem<typeof OrderEntity>;

/**
 * The uniqueness of a purchase: one item for each id under which it is told, put if absent in the order's transaction.
 * Without an order it keeps what came too early (`parked`), or points at the alias where that waits (`sameAs`).
 */
export const AliasEntity = new Entity(
  {
    model: { entity: "alias", version: "1", service },
    attributes: {
      namespace: { type: "string", required: true },
      alias: { type: "string", required: true },
      orderId: { type: "string" },
      sameAs: { type: "string" },
      /** The aliases that point here. */
      others: { type: "list", items: { type: "string" } },
      parked: { type: CustomAttributeType<Parked[]>("any") },
      /** Since when money waits here; there is a `Parked` item beside it then. */
      parkedAt: { type: "string" },
      version: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["namespace", "alias"], template: "ALIAS#${namespace}#${alias}" },
        sk: { field: "sk", casing: "none", composite: [], template: "ALIAS" },
      },
    },
  },
  { table: anyTable },
);
export type Alias = EntityItem<typeof AliasEntity>;
