import type { Delivery, ShopStore } from "./store.ts";

const timeoutMs = 20_000;
const atOnce = 8;

/** A request that carries a webhook. */
export interface Parcel {
  url: string;
  headers: Record<string, string>;
  body: string;
}

export interface Rules {
  /** Undefined where the hook is gone: then it is given up. */
  pack(delivery: Delivery): Parcel | undefined;
  isTaken(status: number): boolean;
  /** How long after so many failed tries it is tried again; undefined: never. */
  retryInMs(attempts: number): number | undefined;
  /** What else an answer means, such as a hook that is switched off. */
  answered(delivery: Delivery, taken: boolean): void;
}

/** Carries a shop's webhooks. What is undelivered is in the store, so that a restart goes on with it. */
export function createShopCourier(
  store: ShopStore,
  rules: Rules,
  { lose = () => false }: { lose?: ((delivery: Delivery) => boolean) | undefined } = {},
) {
  const underWay = new Map<number, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let open = true;
  let retrying = false;

  function wake(): void {
    if (!open) return;
    clearTimeout(timer);
    for (const delivery of store.due(Date.now(), retrying ? Number.MAX_SAFE_INTEGER : 0, atOnce * 4)) {
      if (underWay.size >= atOnce) break;
      if (underWay.has(delivery.id)) continue;
      const work = tryOnce(delivery).finally(() => {
        underWay.delete(delivery.id);
        wake();
      });
      underWay.set(delivery.id, work);
    }
    const dueAtMs = retrying && underWay.size < atOnce ? store.nextDueAtMs() : undefined;
    if (dueAtMs !== undefined) timer = setTimeout(wake, Math.max(20, Math.min(dueAtMs - Date.now(), 60_000))).unref();
  }

  async function tryOnce(delivery: Delivery): Promise<void> {
    const parcel = rules.pack(delivery);
    if (!parcel) return store.tried({ ...delivery, nextAtMs: null });
    // Lost on its way: the sender believes that it arrived.
    const lost = lose(delivery);
    const status = lost ? 200 : await send(parcel);
    if (!open) return;
    const attempts = delivery.attempts + 1;
    const taken = rules.isTaken(status);
    const againInMs = taken ? undefined : rules.retryInMs(attempts);
    store.transaction(() => {
      store.tried({ ...delivery, attempts, status, nextAtMs: againInMs === undefined ? null : Date.now() + againInMs });
      rules.answered(delivery, taken);
    });
  }

  return {
    wake,
    /** Retries from now on; what is new goes out at once anyway. */
    start(): void {
      retrying = true;
      wake();
    },
    /** Sends one again, whatever became of it before. Returns the status. */
    async again(id: number): Promise<number> {
      const delivery = store.delivery(id);
      const parcel = delivery && rules.pack(delivery);
      return parcel ? send(parcel) : 0;
    },
    /** Until nothing is under way that can go out now; what waits for its next try does not count. */
    async settled(): Promise<void> {
      for (wake(); underWay.size > 0; wake()) await Promise.all(underWay.values());
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

/** The status, or 0 where nobody answered. */
async function send({ url, headers, body }: Parcel): Promise<number> {
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers,
      body,
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return 0;
  }
}
