import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import type { Log } from "@laurel/core/kernel";
import { isFree } from "./port.ts";
import { createStripeStandIn, type StripeStandIn } from "./stripe/index.ts";

/** The Stripe stand-in, on a loopback port of its own. */
export interface Checkout {
  standIn: StripeStandIn;
  /** What the SDK is pointed at. */
  apiBase: string;
  close(): Promise<void>;
}

/** What a connection is to the stand-in. */
export interface CheckoutAccount {
  id: string;
  apiKey: string;
  webhookUrl: string;
  webhookSecrets: string[];
  /** The webhook that was made for it at the stand-in by the API; one that a seed made has none. */
  webhookId?: string | undefined;
}

/** The stand-in's server is up first, so that its address is known; its accounts come once the program has told its connections. */
export interface CheckoutDoor {
  apiBase: string;
  open(parts: { folder: string; accounts: CheckoutAccount[]; now: () => Date; log: Log }): Checkout;
  close(): Promise<void>;
}

/** @param preferredPort used where it is free */
export async function openCheckoutDoor(preferredPort: number): Promise<CheckoutDoor> {
  let standIn: StripeStandIn | undefined;
  const listener = getRequestListener(
    (request, env) => standIn?.app.fetch(request, env) ?? new Response("The stand-in is starting.", { status: 503 }),
    { overrideGlobalObjects: false },
  );
  const server = createServer(listener);
  const port = (await isFree(preferredPort)) ? preferredPort : 0;
  await new Promise<void>((done, failed) => server.once("error", failed).listen(port, "127.0.0.1", done));
  const apiBase = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async () => {
    await standIn?.close();
    await closeServer(server);
  };
  return {
    apiBase,
    close,
    open: ({ folder, accounts, now, log }) => {
      standIn = createStripeStandIn({
        dir: folder,
        accounts: accounts.map(({ id, apiKey, webhookUrl, webhookSecrets, webhookId }) => ({
          apiKey,
          webhooks: webhookId
            ? []
            : [{ url: webhookUrl, secrets: webhookSecrets, metadata: { laurel_connection: id } }],
        })),
        now,
        log,
      });
      return { standIn, apiBase, close };
    },
  };
}

function closeServer(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 1000).unref();
  });
}
