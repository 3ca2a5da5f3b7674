import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { isTaken } from "../port.ts";
import { StartProblem } from "../problem.ts";
import { bodyPatienceMs, readBody, refuse } from "./body.ts";

/** Anything that answers requests as a Hono app does. */
export interface App {
  fetch(request: Request, env: object): Response | Promise<Response>;
}

/** What stands behind the front door. */
export interface Rooms {
  api: App;
  webhooks: App;
  redirect: App;
  shop: App;
  local: App;
  portal: (incoming: IncomingMessage, outgoing: ServerResponse, path: string) => Promise<void>;
}

/** The one port of this machine, as CloudFront is on AWS. */
export interface Front {
  /** Lets requests in; until then they are told to come again. */
  open(rooms: Rooms): void;
  close(): Promise<void>;
}

const loopback = new Set(["localhost", "127.0.0.1", "[::1]"]);
/** Only for whoever sits at this machine: they sign in without a password and play the customer. */
const localOnly = new Set(["local", "shop"]);

/**
 * Listens on loopback at once, so that a taken port is known before anything else is started.
 * @throws StartProblem when somebody else has the port
 */
export async function openFront(
  port: number,
  publicOrigin: string,
  { patienceMs = bodyPatienceMs } = {},
): Promise<Front> {
  let listener: ((incoming: IncomingMessage, outgoing: ServerResponse) => void) | undefined;
  const publicHost = new URL(publicOrigin).hostname;
  const server = createServer((incoming, outgoing) => {
    const host = hostOf(incoming);
    // A page of another site that has its own name point here must find nothing (DNS rebinding).
    if (host !== publicHost && !loopback.has(host))
      return refuse(
        incoming,
        outgoing,
        421,
        "request.host",
        `Laurel is not ${host.slice(0, 100)}. It is reached at ${publicOrigin}.`,
      );
    if (!listener)
      return refuse(incoming, outgoing, 503, "local.starting", "Laurel is starting. Try again in a moment.");
    listener(incoming, outgoing);
  });
  // A body has a limit of its own, with an answer; this one is for headers that never end.
  server.headersTimeout = 10_000;
  await listen(server, port);
  return {
    open: (rooms) => {
      listener = listenerOf(rooms, new URL(publicOrigin), patienceMs);
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 3000).unref();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  const taken = (cause?: unknown) =>
    new StartProblem(
      `Port ${port} is taken. Stop what listens there, or choose another one: PORT=${port + 1} npm start`,
      cause,
    );
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        error.code === "EADDRINUSE"
          ? taken(error)
          : new StartProblem(
              `Laurel cannot listen on port ${port} (${error.code ?? error.message}). Choose another one: PORT=4748 npm start`,
              error,
            ),
      ),
    );
    server.listen(port, "127.0.0.1", async () => {
      // A browser may try ::1 first for localhost, and would meet somebody else there.
      if (await isTaken(port, "::1")) {
        server.close();
        reject(taken());
      } else resolve();
    });
  });
}

const hostOf = (incoming: IncomingMessage): string => (incoming.headers.host ?? "").replace(/:\d*$/, "").toLowerCase();

function listenerOf(
  rooms: Rooms,
  publicOrigin: URL,
  patienceMs: number,
): (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> {
  const apps: Record<string, App> = {
    api: rooms.api,
    webhooks: rooms.webhooks,
    r: rooms.redirect,
    shop: rooms.shop,
    local: rooms.local,
  };
  const handle = getRequestListener(
    (request, env) => apps[roomOf(request.url.slice(request.url.indexOf("/", 8)))]!.fetch(request, env),
    {
      overrideGlobalObjects: false,
    },
  );
  return async (incoming, outgoing) => {
    const path = (incoming.url ?? "/").split("?")[0]!;
    const room = roomOf(path);
    if (localOnly.has(room) && !loopback.has(hostOf(incoming)))
      return refuse(incoming, outgoing, 421, "request.host", "This page is only for the machine that Laurel runs on.");
    if (!apps[room]) {
      // One address for people, so that there is one origin and one cookie.
      if (hostOf(incoming) !== publicOrigin.hostname && incoming.headers.accept?.includes("text/html")) {
        outgoing
          .writeHead(302, { location: new URL(incoming.url ?? "/", publicOrigin).href, "cache-control": "no-store" })
          .end();
        return;
      }
      return rooms.portal(incoming, outgoing, path);
    }
    if (incoming.method !== "GET" && incoming.method !== "HEAD") {
      const body = await readBody(incoming, outgoing, patienceMs);
      if (!body) return;
      Object.assign(incoming, { rawBody: body });
    }
    await handle(incoming, outgoing);
  };
}

/** The first part of a path names the room. */
const roomOf = (path: string): string => path.split(/[/?#]/, 2)[1] ?? "";
