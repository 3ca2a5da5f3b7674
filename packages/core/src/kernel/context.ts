import type { Id, Role } from "@laurel/contract";
import type { ShopGateway } from "../gateway/checkout/port.ts";
import type { MailGateway } from "../gateway/mail/port.ts";
import type { SecretsGateway } from "../gateway/secrets/port.ts";
import type { StripeGateway } from "../gateway/stripe/port.ts";
import type { ProgramSnapshot } from "../program/program.ts";
import type { Table } from "../table/client.ts";
import type { NewId } from "./ids.ts";
import type { Metrics } from "./metrics.ts";
import type { Keys } from "./secrecy.ts";

/** Who acts. A person may be staff and ambassador at once. */
export type Actor =
  | { kind: "public"; network: string }
  | {
      kind: "person";
      personId: Id<"person">;
      roles: readonly Role[];
      ambassadorId: Id<"ambassador"> | null;
      network: string;
    }
  | { kind: "system"; name: string };

export interface Log {
  info(message: string, data?: Record<string, unknown>): void;
  warn(message: string, data?: Record<string, unknown>): void;
  error(message: string, data?: Record<string, unknown>): void;
}

/** A request's claim to happen once. Stored in the operation's own transaction. */
export interface Idempotency {
  /** Actor, route and the caller's key, hashed. */
  key: string;
  bodyHash: string;
}

/** Everything an operation needs, passed and never ambient. */
export interface Context {
  actor: Actor;
  /** The program's clock; it may be moved on a local machine. Leases and signatures use the real one. */
  now: () => Date;
  newId: NewId;
  table: Table;
  gateways: {
    stripe: StripeGateway;
    shopify: ShopGateway;
    woocommerce: ShopGateway;
    mail: MailGateway;
    secrets: SecretsGateway;
  };
  log: Log;
  metrics: Metrics;
  keys: Keys;
  /** Where the portal is, without a trailing slash. */
  publicOrigin: string;
  requestId: string;
  idempotency: Idempotency | undefined;
  /** Program, tiers, campaigns and connections; at most 30 s old, or of an age that is asked for. */
  program: (wish?: { maxAgeMs: number }) => Promise<ProgramSnapshot>;
  /** Mail and other noise that a seed or an import must not make. */
  silent?: boolean;
}
