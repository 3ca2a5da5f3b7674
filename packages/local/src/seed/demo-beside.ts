import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { createShopifyGateway } from "@laurel/core/gateway/shopify";
import { createWooCommerceGateway } from "@laurel/core/gateway/woocommerce";
import type { Context } from "@laurel/core/kernel";
import type { Runtime } from "@laurel/functions/runtime.ts";
import { apiBases } from "../shops/names.ts";
import type { Played } from "../shops/played.ts";
import type { ShopsRoom } from "../shops/room.ts";
import type { Fault } from "../stripe/index.ts";

/** What is played beside the program on this machine: it can be asked, and be told to fail. */
export interface Beside {
  stripeFaults: Fault[];
  shops: ShopsRoom;
}

/** The same with the shops within reach, which the front door does not yet lead to while a demo is made. */
export interface Reached {
  stripeFaults: Fault[];
  shops: Played;
  gateways: Partial<Context["gateways"]>;
  close(): Promise<void>;
}

export async function reach(runtime: Runtime, { stripeFaults, shops }: Beside): Promise<Reached> {
  const server = createServer(getRequestListener(shops.app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((done, failed) => server.once("error", failed).listen(0, "127.0.0.1", done));
  const bases = apiBases(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const { secrets } = runtime.context({ kind: "system", name: "demo" }).gateways;
  return {
    stripeFaults,
    shops: await shops.played(),
    gateways: {
      shopify: createShopifyGateway({ secrets, apiBase: bases.shopify }),
      woocommerce: createWooCommerceGateway({ secrets, apiBase: bases.woocommerce }),
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
