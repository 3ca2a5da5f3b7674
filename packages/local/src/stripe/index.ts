import { createHash } from "node:crypto";
import type { Hono } from "hono";
import type Stripe from "stripe";
import { createApp, type Fault, furtherKey } from "./app.ts";
import { type Buyer, completeSession, settleSession } from "./checkout-pay.ts";
import { createCourier } from "./delivery.ts";
import { openDesk, randomId } from "./desk.ts";
import { moveDispute, openDispute } from "./dispute.ts";
import { settleRefund } from "./refund.ts";
import type { Attempt, Delivery, LoggedRequest } from "./store.ts";
import { openStore } from "./store.ts";
import { cancelSubscription, renewSubscription, type Subscribing, subscribe } from "./subscription.ts";
import { putEndpoint, usualEvents } from "./webhook-endpoint.ts";

export type { Fault } from "./app.ts";
export type { Buyer } from "./checkout-pay.ts";
export { sign } from "./delivery.ts";
export type { Attempt, LoggedRequest } from "./store.ts";

export interface StandInOptions {
  /** The folder for `stripe.sqlite`; without it everything is in memory. */
  dir?: string | undefined;
  /** One for each connection: its key, and where its events go, signed with each of the secrets. */
  accounts: {
    apiKey: string;
    /** `thin` events only name their objects. */
    webhooks: { url: string; secrets: string[]; metadata?: Record<string, string>; thin?: boolean }[];
  }[];
  /** Dates objects and events; signatures and retries go by the real clock. */
  now?: () => Date;
  /** The waits before each further try of a delivery. */
  backoffMs?: number[];
  /** Events that get lost on their way to an endpoint, for tests. */
  lose?: (delivery: Delivery) => boolean;
  log?: { warn(message: string, data?: Record<string, unknown>): void };
}

/** An event as it went out, with the answer, and whether it will be tried again. */
export interface DeliveredEvent {
  event: Stripe.Event;
  attempts: Attempt[];
  nextAtMs: number | null;
}

/** One request, or one thing that happened on Stripe's own pages (then without a request), and the events that it made. */
export interface Step {
  requestId: string;
  request: LoggedRequest | undefined;
  events: DeliveredEvent[];
  /** By the real clock. */
  atMs: number;
}

export interface StripeStandIn {
  /** Serve it on a loopback port of its own; the SDK's paths begin at its root. */
  app: Hono;
  /** Goes on with undelivered events. Events that are made later go out at once, started or not; retries need it. */
  start(): void;
  /** The buyer presses Pay on Stripe's page. */
  complete(
    apiKey: string,
    sessionId: string,
    buyer?: Buyer,
  ): Promise<{ session: Stripe.Checkout.Session; requestId: string }>;
  /** A delayed payment arrives, or fails. */
  settlePayment(
    apiKey: string,
    sessionId: string,
    succeeded: boolean,
  ): Promise<{ session: Stripe.Checkout.Session; requestId: string }>;
  /** A refund that is pending arrives; a refund fails. */
  settleRefund(
    apiKey: string,
    refundId: string,
    succeeded: boolean,
  ): Promise<{ refund: Stripe.Refund; requestId: string }>;
  /** A buyer subscribes on Stripe's page, and pays the first time. */
  subscribe(apiKey: string, buyer: Subscribing): Promise<Stripe.Checkout.Session>;
  /** The next period of a subscription is paid for. */
  renew(apiKey: string, subscriptionId: string): Promise<Stripe.Invoice>;
  cancelSubscription(apiKey: string, subscriptionId: string): Promise<Stripe.Subscription>;
  /** The bank of whoever paid asks for the money back, or inquires. */
  dispute(apiKey: string, what: { paymentIntent: string; amount?: number; inquiry?: boolean }): Promise<Stripe.Dispute>;
  /** A dispute goes on to a status, with the money that moves then. */
  moveDispute(apiKey: string, disputeId: string, status: string): Promise<Stripe.Dispute>;
  /** Sends an event once more, or several times at once. */
  deliver(apiKey: string, eventId: string, more?: { times?: number }): Promise<Attempt[]>;
  /** The events that a request made and that went out, each with its answers; waits until every one was tried once. */
  deliveriesOf(apiKey: string, requestId: string): Promise<DeliveredEvent[]>;
  /** What happened to these objects, oldest first: each request with the events that it made. */
  historyOf(apiKey: string, ids: string[]): Promise<Step[]>;
  /** Until nothing is under way; what waits for its next try does not count. */
  settled(): Promise<void>;
  /** Whether anything is under way to an endpoint, or waits for its next try. */
  undelivered(): boolean;
  /** Troubles to come, for tests. */
  faults: Fault[];
  /** How long each answer takes, for tests of requests that meet; 0 to begin with. */
  latencyMs: number;
  close(): Promise<void>;
}

/** The account of a key; further keys with the same ending share one, as a rolled key does. */
export const accountOf = (apiKey: string): string => {
  const owner = furtherKey.exec(apiKey)?.[1] ?? apiKey;
  return `acct_1${createHash("sha256").update(owner).digest("hex").slice(0, 16)}`;
};
const dayMs = 86_400_000;
const logsKept = 20_000;

/**
 * Stripe on one machine: what Laurel and the demo shop need of its API, kept in a file, with the checks that Stripe makes
 * and signed webhooks. The official SDK talks to it unchanged. No money moves.
 */
export function createStripeStandIn(options: StandInOptions): StripeStandIn {
  const store = openStore(options.dir);
  const now = options.now ?? (() => new Date());
  const courier = createCourier(store, {
    backoffMs: options.backoffMs,
    lose: options.lose,
    warn: (message, data) => options.log?.warn(message, data),
  });
  const faults: Fault[] = [];

  store.forgetAnswersBefore(Date.now() - dayMs);
  store.trimLogs(logsKept);
  store.transaction(() => {
    for (const { apiKey, webhooks } of options.accounts)
      webhooks.forEach(({ url, secrets, metadata, thin }, at) => {
        putEndpoint(
          openDesk(store, accountOf(apiKey), now(), null),
          `we_1laurel${at}`,
          url,
          usualEvents,
          secrets,
          "Laurel",
          metadata,
          thin,
        );
      });
  });

  /** Something that happens outside of the API, on Stripe's own pages. */
  function happen<T>(
    apiKey: string,
    work: (desk: ReturnType<typeof openDesk>) => T,
  ): { made: T; requestId: string; account: string } {
    const account = accountOf(apiKey);
    const requestId = randomId("req_", 14);
    const made = store.transaction(() => work(openDesk(store, account, now(), null, requestId)));
    courier.wake();
    return { made, requestId, account };
  }

  /** The same, until its events were tried once. */
  async function happened<T>(apiKey: string, work: (desk: ReturnType<typeof openDesk>) => T): Promise<T> {
    const { made, requestId, account } = happen(apiKey, work);
    await courier.firstTried(
      account,
      eventsOf(account, requestId).map((event) => event.id),
    );
    return made;
  }

  const eventsOf = (account: string, requestId: string) =>
    store.list(account, "event", [["json_extract(data, '$.request.id') = ?", requestId]], {
      oldestFirst: true,
    }) as unknown as Stripe.Event[];

  async function deliveriesOf(apiKey: string, requestId: string): Promise<DeliveredEvent[]> {
    const account = accountOf(apiKey);
    const events = eventsOf(account, requestId);
    const ids = events.map((event) => event.id);
    await courier.firstTried(account, ids);
    return events.flatMap((event) => {
      const deliveries = store.deliveriesOf(account, event.id);
      const next = deliveries.flatMap((delivery) => delivery.nextAtMs ?? []);
      return deliveries.length === 0
        ? []
        : [{ event, attempts: store.attemptsOf(account, event.id), nextAtMs: next.length ? Math.min(...next) : null }];
    });
  }

  const standIn: StripeStandIn = {
    app: createApp({
      store,
      courier,
      apiKeys: new Set(options.accounts.map((account) => account.apiKey)),
      accountOf,
      now,
      faults,
      latencyMs: () => standIn.latencyMs,
    }),
    start: courier.start,
    async complete(apiKey, sessionId, buyer = {}) {
      const { made, requestId, account } = happen(apiKey, (desk) => completeSession(desk, sessionId, buyer));
      await courier.firstTried(
        account,
        eventsOf(account, requestId).map((event) => event.id),
      );
      return { session: made, requestId };
    },
    async settlePayment(apiKey, sessionId, succeeded) {
      const { made, requestId, account } = happen(apiKey, (desk) => settleSession(desk, sessionId, succeeded));
      await courier.firstTried(
        account,
        eventsOf(account, requestId).map((event) => event.id),
      );
      return { session: made, requestId };
    },
    async settleRefund(apiKey, refundId, succeeded) {
      const { made, requestId, account } = happen(apiKey, (desk) => settleRefund(desk, refundId, succeeded));
      await courier.firstTried(
        account,
        eventsOf(account, requestId).map((event) => event.id),
      );
      return { refund: made, requestId };
    },
    subscribe: (apiKey, buyer) => happened(apiKey, (desk) => subscribe(desk, buyer)),
    renew: (apiKey, id) => happened(apiKey, (desk) => renewSubscription(desk, id)),
    cancelSubscription: (apiKey, id) => happened(apiKey, (desk) => cancelSubscription(desk, id)),
    dispute: (apiKey, what) => happened(apiKey, (desk) => openDispute(desk, what)),
    moveDispute: (apiKey, id, status) => happened(apiKey, (desk) => moveDispute(desk, id, status)),
    deliver: (apiKey, eventId, more = {}) => courier.resend(accountOf(apiKey), eventId, more.times ?? 1),
    deliveriesOf,
    async historyOf(apiKey, ids) {
      const account = accountOf(apiKey);
      const events = store.list(
        account,
        "event",
        [["json_extract(data, '$.data.object.id') IN (SELECT value FROM json_each(?))", JSON.stringify(ids)]],
        { oldestFirst: true },
      ) as unknown as Stripe.Event[];
      const requests = ids.flatMap((id) => store.requestsOf(account, id));
      const requestIds = new Set([
        ...requests.map((request) => request.id),
        ...events.flatMap((event) => event.request?.id ?? []),
      ]);
      const steps = await Promise.all(
        [...requestIds].map(async (requestId) => {
          const told = await deliveriesOf(apiKey, requestId);
          const request = store.request(account, requestId);
          return { requestId, request, events: told, atMs: request?.atMs ?? told[0]?.attempts[0]?.atMs ?? 0 };
        }),
      );
      return steps.sort((a, b) => a.atMs - b.atMs);
    },
    settled: courier.settled,
    undelivered: () => store.nextDueAtMs() !== undefined,
    faults,
    latencyMs: 0,
    async close() {
      await courier.close();
      store.close();
    },
  };
  return standIn;
}
