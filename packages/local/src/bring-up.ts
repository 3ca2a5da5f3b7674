import { existsSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "@laurel/core/kernel";
import type { Runtime } from "@laurel/functions/runtime.ts";
import { type LocalClock, openClock } from "./clock.ts";
import { checkFile } from "./engine/file.ts";
import { guardEngine } from "./engine/guard.ts";
import { deleteData, startEngine, stopEngine } from "./engine/keeper.ts";
import { ensureTable } from "./engine/table.ts";
import { openFolder } from "./folder.ts";
import { lockFolder } from "./lock.ts";
import { openLog } from "./log.ts";
import { tidyMemory } from "./memory.ts";
import type { Options } from "./options.ts";
import { buildPortal, isPortalFresh, portalDist } from "./portal-build.ts";
import { fileReason, StartProblem } from "./problem.ts";
import { deleteRun, type RunFile, writeRun } from "./run-file.ts";
import { createSchedule } from "./schedule/schedule.ts";
import { openSecrets } from "./secrets.ts";
import { beginFirst, wasCutShort } from "./seed/first.ts";
import { knownPeople } from "./seed/people.ts";
import { openFront } from "./server/front.ts";
import type { Poller } from "./stream/poller.ts";

/** A Laurel that runs on this machine. */
export interface Running {
  run: RunFile;
  runtime: Runtime;
  clock: LocalClock;
  poller: Poller;
  /** Runs the scheduled work now. */
  runJobs(): Promise<void>;
  /** Rejects when it cannot go on by itself, with a StartProblem that says why; never resolves. */
  failed: Promise<never>;
  /** Ends everything in good order; what is under way is finished. */
  stop(): Promise<void>;
}

const jobEveryMs = 5000;
const dayEveryMs = 3_600_000;
/** What stops is stopped in the opposite order of its start. */
type Stops = (() => Promise<void> | void)[];

/**
 * Brings everything up, in this order: what can refuse the start (folder, port), then the data, then what works on it,
 * and the door last.
 * @param say one line to whoever waits
 * @param signal gives the start up
 * @throws StartProblem; whatever was started until then is stopped again
 */
export async function bringUp(
  options: Options,
  say: (line: string) => void = () => {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Running> {
  const stops: Stops = [];
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => giveUp(new StartProblem("The start was given up.")));
  try {
    return await Promise.race([start(options, say, signal, stops), givenUp]);
  } catch (error) {
    await stopAll(stops);
    throw inWords(error, options.folder);
  }
}

async function start(
  options: Options,
  say: (line: string) => void,
  signal: AbortSignal,
  stops: Stops,
): Promise<Running> {
  const { folder, publicOrigin, port } = options;
  openFolder(folder);
  const lock = lockFolder(folder);
  stops.push(lock.release);
  const log = openLog(join(folder, "laurel.log"));
  stops.push(log.flush);
  const front = await openFront(port, publicOrigin);
  stops.push(front.close);

  const portal = freshPortal(say, signal);
  portal.catch(() => {});
  const loading = import("./parts.ts");
  loading.catch(() => {});

  const own = options.dynamodbEndpoint === undefined;
  if (own && wasCutShort(folder)) {
    say("The first start was cut short; its data is made anew.");
    await stopEngine(folder);
    deleteData(folder);
  }
  const secrets = openSecrets(folder);
  const ofCheckout = join(folder, "stripe.sqlite");
  if (existsSync(ofCheckout)) checkFile(ofCheckout);
  if (own) stops.push(() => stopEngine(folder));
  // An installation whose first start was cut short has lost nothing.
  const engineOptions = { signal, tableName: options.tableName, used: secrets.used && !wasCutShort(folder) };
  const engine = own ? await startEngine(folder, engineOptions) : undefined;
  const engineEndpoint = engine?.endpoint ?? options.dynamodbEndpoint!;
  const guard =
    engine &&
    guardEngine({
      pid: engine.pid,
      restart: async () => (await startEngine(folder, { ...engineOptions, port: engine.port })).pid,
      log,
    });
  if (guard) stops.push(guard.stop);

  const clock = openClock(folder);
  const parts = await loading;
  const inbox = options.sesEndpoint ? undefined : await parts.startInbox(port + 1);
  if (inbox) stops.push(inbox.stop);
  const door = secrets.realStripe ? undefined : await parts.openCheckoutDoor(port + 2);
  if (door) stops.push(door.close);

  const shopBases = options.realShops ? undefined : parts.apiBases(`http://127.0.0.1:${port}`);
  const shops = shopBases && parts.createShopsRoom({ folder, origin: publicOrigin, now: clock.now, log });
  if (shops) stops.push(shops.close);

  const runtime = parts.createRuntime(
    {
      TABLE_NAME: options.tableName,
      PUBLIC_ORIGIN: publicOrigin,
      MAIL_FROM: options.mailFrom,
      DYNAMODB_ENDPOINT: engineEndpoint,
      SES_ENDPOINT: inbox?.url ?? options.sesEndpoint,
      STRIPE_API_BASE: door?.apiBase,
      SHOPIFY_API_BASE: shopBases?.shopify,
      WOO_API_BASE: shopBases?.woocommerce,
    },
    { secrets, keys: secrets.keys, log, now: clock.now },
  );
  stops.push(() => runtime.table.client.destroy());
  const streamArn = await ensureTable(runtime.table);

  const first = await beginFirst(runtime, options);
  const local = runtime.context({ kind: "system", name: "local" });
  const known = parts.activeConnections(await local.program());
  const connections = known.map((connection) => ({ ...connection, ...secrets.ensure(connection.id) }));
  const webhookPath = (connection: { provider: string; id: string }) =>
    `/webhooks/${connection.provider}/${connection.id}`;
  const atStripe = connections.filter(({ provider }) => provider === "stripe");
  const checkout = door?.open({
    folder,
    now: clock.now,
    log,
    accounts: atStripe.map((connection) => ({
      ...connection,
      webhookUrl: `http://127.0.0.1:${port}${webhookPath(connection)}`,
    })),
  });
  if (checkout)
    for (const { id, provider, accountId, apiKey } of connections)
      if (provider === "stripe" && !accountId) await parts.noteAccount(local, id, parts.accountOf(apiKey));
  if (first) {
    const startedAt = performance.now();
    const beside = checkout && shops && { stripeFaults: checkout.standIn.faults, shops };
    await first.finish((text) => say(`First start: ${text} …`), beside);
    tidyMemory();
    say(`First start: done in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }

  const poller = parts.createPoller({
    reader: parts.createReader(engineEndpoint, streamArn),
    positions: parts.openPositions(join(folder, "positions.json"), streamArn),
    consumers: parts.consumersOf(runtime),
    log,
  });
  const minute = parts.createMinute(runtime, { jobsMs: 10_000 });
  const schedule = createSchedule({ name: "minute", everyMs: jobEveryMs, run: minute, log });
  // It begins what a day's work is once a day of the program's clock, which may be moved on.
  const day = createSchedule({ name: "day", everyMs: dayEveryMs, run: parts.createDay(runtime), log });
  const runJobs = async () => {
    await day.runNow();
    await schedule.runNow();
  };
  poller.start();
  // A first start has made many stream records, which are read only now.
  if (first) poller.caughtUp().then(tidyMemory);
  schedule.start();
  day.start();
  stops.push(poller.stop, schedule.stop, day.stop);
  checkout?.standIn.start();

  await portal;
  const run: RunFile = {
    portalUrl: publicOrigin,
    apiUrl: `${publicOrigin}/api`,
    inboxUrl: inbox?.url ?? "",
    engineEndpoint,
    tableName: options.tableName,
    connections: connections.map((connection) => ({
      id: connection.id,
      provider: connection.provider,
      webhookUrl: `${publicOrigin}${webhookPath(connection)}`,
      webhookSecret: connection.webhookSecrets[0]!,
    })),
    signInLinks: (await knownPeople(runtime.table)).map(({ role, email }) => ({
      role,
      email,
      url: `${publicOrigin}/local/sign-in?role=${role}`,
    })),
  };
  writeRun(folder, run);
  stops.push(() => deleteRun(folder));
  // Last of all: whoever finds the door open may read where everything is.
  front.open({
    api: parts.createApi(runtime, { networkOf: parts.networkOfSocket }),
    webhooks: parts.createWebhook(runtime),
    redirect: parts.createRedirect(runtime),
    shop: parts.createShop({ runtime, checkout, connections: atStripe }),
    local: parts.createLocal({
      runtime,
      clock,
      people: () => knownPeople(runtime.table),
      runJobs,
      copyData: (into) => own && parts.copyBeside(folder, into),
      shops: shops?.app,
    }),
    portal: parts.createPortal(portalDist),
  });
  shops?.resume();
  // Nobody is let in any more before anything behind the door stops.
  stops.push(front.close);
  return {
    run,
    runtime,
    clock,
    poller,
    runJobs,
    failed: guard?.failed ?? new Promise<never>(() => {}),
    stop: () => stopAll(stops),
  };
}

/** What went wrong outside of the program, in one line; everything else as it is. */
function inWords(error: unknown, folder: string): unknown {
  if (error instanceof StartProblem) return error;
  const reason = fileReason(error);
  if (reason) return new StartProblem(`${folder} cannot be used: ${reason}.`, error);
  if (error instanceof AppError && error.kind === "unavailable")
    return new StartProblem(`${error.message} The engine's log is ${join(folder, "engine.log")}.`, error);
  return error;
}

async function freshPortal(say: (line: string) => void, signal: AbortSignal): Promise<void> {
  if (isPortalFresh()) return;
  say("Building the portal …");
  await buildPortal(signal);
}

async function stopAll(stops: Stops): Promise<void> {
  for (const stop of stops.splice(0).reverse()) {
    try {
      await stop();
    } catch (error) {
      console.error(`  While stopping: ${String(error)}`);
    }
  }
}
