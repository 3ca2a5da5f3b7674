import { createHmac } from "node:crypto";
import type Stripe from "stripe";
import type { HiddenEndpoint } from "./desk.ts";
import type { Attempt, Delivery, Store } from "./store.ts";
import { thinOf } from "./thin.ts";

const defaultBackoffMs = [1_000, 5_000, 30_000, 120_000, 600_000, 3_600_000];
const givenUpAfterMs = 3 * 86_400_000;
const timeoutMs = 20_000;
const answerKept = 20_000;
const atOnce = 16;

export type Courier = ReturnType<typeof createCourier>;

/**
 * Carries events to endpoints as Stripe does: at least once, in no order, signed anew at each try, again after anything
 * but a 2xx. What is undelivered is in the store, so that a restart goes on with it.
 */
export function createCourier(
  store: Store,
  options: {
    backoffMs?: number[] | undefined;
    lose?: ((delivery: Delivery) => boolean) | undefined;
    warn: (message: string, data: Record<string, unknown>) => void;
  },
) {
  const backoffMs = options.backoffMs ?? defaultBackoffMs;
  const underWay = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let open = true;
  let retrying = false;

  const keyOf = (it: Pick<Delivery, "account" | "eventId" | "endpointId">) =>
    `${it.account} ${it.eventId} ${it.endpointId}`;

  /** Tries what has not been tried yet, at once; and, when started, what is due again. */
  function wake(): void {
    if (!open) return;
    clearTimeout(timer);
    for (const delivery of store.dueBefore(Date.now(), retrying ? Number.MAX_SAFE_INTEGER : 0, atOnce * 4)) {
      if (underWay.size >= atOnce) break;
      if (!underWay.has(keyOf(delivery))) launch(delivery);
    }
    if (!retrying || underWay.size >= atOnce) return;
    const dueAtMs = store.nextDueAtMs();
    if (dueAtMs !== undefined) timer = setTimeout(wake, Math.max(20, Math.min(dueAtMs - Date.now(), 60_000))).unref();
  }

  function launch(delivery: Delivery): void {
    const key = keyOf(delivery);
    const work = tryOnce(delivery)
      .catch((error) =>
        options.warn("A webhook could not be tried", { eventId: delivery.eventId, error: String(error) }),
      )
      .finally(() => {
        underWay.delete(key);
        if (open) wake();
      });
    underWay.set(key, work);
  }

  async function tryOnce(delivery: Delivery): Promise<void> {
    // Lost on its way: nobody tries again.
    const lost = options.lose?.(delivery) ?? false;
    const attempt = lost
      ? undefined
      : await send(delivery.account, delivery.eventId, delivery.endpointId, delivery.attempts + 1);
    if (!open) return;
    const taken = attempt === undefined || (attempt.status !== null && attempt.status >= 200 && attempt.status < 300);
    const waitMs = backoffMs[Math.min(delivery.attempts, backoffMs.length - 1)]!;
    const hopeless = Date.now() - delivery.firstAtMs > givenUpAfterMs;
    store.transaction(() => {
      if (attempt) store.addAttempt(delivery.account, attempt);
      store.putDelivery({
        ...delivery,
        attempts: delivery.attempts + 1,
        nextAtMs: taken || hopeless ? null : Date.now() + waitMs,
      });
    });
    if (!taken)
      options.warn("A webhook was not taken", {
        eventId: delivery.eventId,
        status: attempt?.status ?? null,
        retryInMs: hopeless ? null : waitMs,
      });
  }

  /** One try of one event at one endpoint; undefined when either is gone. */
  async function send(
    account: string,
    eventId: string,
    endpointId: string,
    attempt: number,
  ): Promise<Attempt | undefined> {
    const event = store.get(account, "event", eventId);
    const endpoint = store.get<Stripe.WebhookEndpoint>(account, "webhook_endpoint", endpointId);
    const hidden = store.hidden<HiddenEndpoint>(account, "webhook_endpoint", endpointId);
    const told = hidden?.thin ? event && thinOf(event as unknown as Stripe.Event) : event;
    if (!told || !endpoint || !hidden) return undefined;
    const { secrets } = hidden;
    const body = JSON.stringify(told, null, 2);
    const atMs = Date.now();
    const signature = sign(body, secrets, atMs);
    const tried = { eventId, endpointId, url: endpoint.url, attempt, atMs, signature, body };
    try {
      const response = await fetch(endpoint.url, {
        method: "POST",
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
          "stripe-signature": signature,
        },
        body,
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const answer = (await response.text()).slice(0, answerKept);
      return { ...tried, status: response.status, answer, durationMs: Date.now() - atMs };
    } catch (error) {
      return { ...tried, status: null, answer: reasonOf(error), durationMs: Date.now() - atMs };
    }
  }

  return {
    wake,
    start() {
      retrying = true;
      wake();
    },
    /** Sends an event again to every endpoint that it went to, whatever became of it before. */
    async resend(account: string, eventId: string, times: number): Promise<Attempt[]> {
      const tries = store
        .deliveriesOf(account, eventId)
        .flatMap((delivery) =>
          Array.from({ length: times }, (_, at) =>
            send(account, eventId, delivery.endpointId, delivery.attempts + at + 1),
          ),
        );
      const attempts = (await Promise.all(tries)).filter((attempt) => attempt !== undefined);
      if (open) store.transaction(() => attempts.map((attempt) => store.addAttempt(account, attempt)));
      return attempts;
    },
    /** Until each of the events has had its first answer, or its first silence. */
    async firstTried(account: string, eventIds: string[]): Promise<void> {
      const waiting = () =>
        eventIds.some((id) => store.deliveriesOf(account, id).some((delivery) => delivery.attempts === 0));
      while (open && waiting()) {
        wake();
        await Promise.race([...underWay.values(), new Promise((resolve) => setTimeout(resolve, 50))]);
      }
    },
    /** Until nothing is under way; what waits for its next try does not count. */
    async settled(): Promise<void> {
      while (underWay.size > 0) await Promise.all(underWay.values());
    },
    async close(): Promise<void> {
      open = false;
      clearTimeout(timer);
      await Promise.race([
        Promise.allSettled(underWay.values()),
        new Promise((resolve) => setTimeout(resolve, 2_000).unref()),
      ]);
    },
  };
}

/**
 * `t=…,v1=…` with one v1 for each secret that is valid, as while one is being rolled. Written out here rather than taken
 * from the SDK, so that what verifies is not what signed (https://docs.stripe.com/webhooks/signature).
 */
export function sign(body: string, secrets: string[], atMs: number): string {
  const timestamp = Math.floor(atMs / 1000);
  const v1 = (secret: string) => createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return [`t=${timestamp}`, ...secrets.map((secret) => `v1=${v1(secret)}`)].join(",");
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause as { code?: string } | undefined) : undefined;
  if (error instanceof Error && error.name === "TimeoutError") return `No answer within ${timeoutMs / 1000} s`;
  return cause?.code === "ECONNREFUSED"
    ? "Nobody listens at this address"
    : `No answer: ${cause?.code ?? String(error)}`;
}
