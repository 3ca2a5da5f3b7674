import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";
import { entryKinds } from "./ledger.ts";

/** No default: an upsert would write it over the sum. What is absent is 0. */
const money = { type: "number" } as const;

/** One ledger movement with all of its postings. Immutable; its insert is the rollups' fact and what starts *you earned*. */
export const EntryEntity = new Entity(
  {
    model: { entity: "entry", version: "1", service },
    attributes: {
      id: { type: "string", required: true },
      ambassadorId: { type: "string", required: true },
      currency: { type: "string", required: true },
      kind: { type: [...entryKinds] as const, required: true },
      postings: {
        type: "list",
        required: true,
        items: {
          type: "map",
          properties: {
            from: { type: "string", required: true },
            to: { type: "string", required: true },
            amountMinor: { type: "number", required: true },
          },
        },
      },
      /** The order that moved it; a release names all of its orders. */
      orderIds: { type: "list", required: true, items: { type: "string" } },
      /** How many sales it adds, or takes away where an order went to somebody else; 1 for `earn` and 0 for others where absent. */
      sales: { type: "number" },
      /** The day of `recordedAt` in the program's time zone: where the rollups count it. */
      day: { type: "string", required: true },
      recordedAt: { type: "string", required: true },
      /** Made by a seed or an import: nobody is to be mailed about it. */
      silent: { type: "boolean" },
    },
    indexes: {
      /** The entries of an ambassador, by time. A payout's span is a range of these keys. */
      primary: {
        pk: { field: "pk", casing: "none", composite: ["ambassadorId"], template: "AMB#${ambassadorId}" },
        sk: { field: "sk", casing: "none", composite: ["id"], template: "LED#${id}" },
      },
    },
  },
  { table: anyTable },
);
export type Entry = EntityItem<typeof EntryEntity>;

/** An ambassador's balances in one currency: pre-added postings, changed only by ADD in the entry's own transaction. */
export const AccountEntity = new Entity(
  {
    model: { entity: "account", version: "1", service },
    attributes: {
      ambassadorId: { type: "string", required: true },
      currency: { type: "string", required: true },
      pendingMinor: money,
      heldMinor: money,
      availableMinor: money,
      inPayoutMinor: money,
      paidMinor: money,
      earnedMinor: money,
      bonusMinor: money,
      reversedMinor: money,
      clawedBackMinor: money,
      forfeitedMinor: money,
      withheldMinor: money,
      convertedMinor: money,
      version: { type: "number" },
    },
    indexes: {
      primary: {
        pk: { field: "pk", casing: "none", composite: ["ambassadorId"], template: "AMB#${ambassadorId}" },
        sk: { field: "sk", casing: "none", composite: ["currency"], template: "ACC#${currency}" },
      },
    },
  },
  { table: anyTable },
);
export type Account = EntityItem<typeof AccountEntity>;
