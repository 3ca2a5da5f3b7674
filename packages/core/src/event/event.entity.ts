import { Entity, type EntityItem } from "electrodb";
import { anyTable, service } from "../table/entity.ts";

const ofEvent = {
  field: "pk",
  casing: "none",
  composite: ["connectionId", "eventId"],
  template: "EVT#${connectionId}#${eventId}",
} as const;

/** Set where no webhook told of it: it stood in the checkout's own list when the two were compared. */
const source = { type: ["comparison"] as const };

/** The body of a webhook as it came, gzipped; kept 14 days, and 28 where it could not be decided. Its insert wakes the consumer. */
export const IncomingEntity = new Entity(
  {
    model: { entity: "incoming", version: "1", service },
    attributes: {
      connectionId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      type: { type: "string", required: true },
      receivedAt: { type: "string", required: true },
      source,
      /** SHA-256 of the raw body: the same id with another body is not the same event. */
      hash: { type: "string", required: true },
      /** Absent where the body was too large to keep: it is fetched from the provider. */
      body: { type: "any" },
      /** What it is about then, where its id does not say so: the shop's own id of the order. */
      about: { type: "string" },
      /** Another body came under this id; the first one counts. */
      otherHash: { type: "string" },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: { primary: { pk: ofEvent, sk: { field: "sk", casing: "none", composite: [], template: "IN" } } },
  },
  { table: anyTable },
);
export type Incoming = EntityItem<typeof IncomingEntity>;

/** That an event was decided, and how. No personal data; kept 90 days, longer than anyone resends. */
export const DoneEntity = new Entity(
  {
    model: { entity: "done", version: "1", service },
    attributes: {
      connectionId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      type: { type: "string", required: true },
      receivedAt: { type: "string", required: true },
      /** YYYY-MM of `receivedAt`. */
      month: { type: "string", required: true },
      source,
      hash: { type: "string", required: true },
      status: { type: ["processed", "ignored", "unprocessable"] as const, required: true },
      outcome: { type: "string", required: true },
      orderId: { type: "string" },
      attempts: { type: "number", required: true },
      expiresAtEpochS: { type: "number", required: true },
    },
    indexes: {
      primary: { pk: ofEvent, sk: { field: "sk", casing: "none", composite: [], template: "DONE" } },
      /** What came lately? By month, newest first. */
      byMonth: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["month"], template: "EVENTS#${month}" },
        sk: {
          field: "gsi1sk",
          casing: "none",
          composite: ["receivedAt", "eventId"],
          template: "${receivedAt}#${eventId}",
        },
      },
      /** What could not be understood? */
      unprocessable: {
        index: "gsi2",
        condition: (item: { status?: string }) => item.status === "unprocessable",
        pk: { field: "gsi2pk", casing: "none", composite: [], template: "EVENTS#unprocessable" },
        sk: {
          field: "gsi2sk",
          casing: "none",
          composite: ["receivedAt", "eventId"],
          template: "${receivedAt}#${eventId}",
        },
      },
    },
  },
  { table: anyTable },
);
export type Done = EntityItem<typeof DoneEntity>;

/** An event whose decision failed for a passing reason: tried again until it is decided or given up. */
export const RetryEntity = new Entity(
  {
    model: { entity: "retry", version: "1", service },
    attributes: {
      connectionId: { type: "string", required: true },
      eventId: { type: "string", required: true },
      type: { type: "string", required: true },
      receivedAt: { type: "string", required: true },
      month: { type: "string", required: true },
      source,
      status: { type: ["waiting", "failed"] as const, required: true },
      attempts: { type: "number", required: true },
      nextAttemptAt: { type: "string", required: true },
      lastError: { type: "string", required: true },
      expiresAtEpochS: { type: "number" },
    },
    indexes: {
      primary: { pk: ofEvent, sk: { field: "sk", casing: "none", composite: [], template: "RETRY" } },
      byMonth: {
        index: "gsi1",
        pk: { field: "gsi1pk", casing: "none", composite: ["month"], template: "EVENTS#${month}" },
        sk: {
          field: "gsi1sk",
          casing: "none",
          composite: ["receivedAt", "eventId"],
          template: "${receivedAt}#${eventId}",
        },
      },
      /** Which are due (`waiting`), and which were given up (`failed`)? The sweep and the marketer. */
      byStatus: {
        index: "gsi2",
        pk: { field: "gsi2pk", casing: "none", composite: ["status"], template: "EVENTS#${status}" },
        sk: {
          field: "gsi2sk",
          casing: "none",
          composite: ["nextAttemptAt", "eventId"],
          template: "${nextAttemptAt}#${eventId}",
        },
      },
    },
  },
  { table: anyTable },
);
export type Retry = EntityItem<typeof RetryEntity>;
