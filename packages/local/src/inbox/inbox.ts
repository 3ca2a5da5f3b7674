import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { isFree } from "../port.ts";

/** The mail inbox of this machine: what the program sends by SES arrives here, and nowhere else. It is in memory. */
export interface Inbox {
  /** Both the page for people and the endpoint for the SES client. */
  url: string;
  stop(): Promise<void>;
}

/** @param preferredPort used where it is free, so that a browser's tab stays good over restarts */
export async function startInbox(preferredPort: number): Promise<Inbox> {
  // The module is CommonJS made from TypeScript: its default export sits one step deeper here.
  const module = (await import("aws-ses-v2-local")) as unknown as { default: { default?: unknown } };
  const serve = (module.default.default ?? module.default) as (config: {
    host: string;
    port: number;
  }) => Promise<Server>;
  const server = await serve({ host: "127.0.0.1", port: (await isFree(preferredPort)) ? preferredPort : 0 });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
