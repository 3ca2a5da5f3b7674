import type { Log } from "@laurel/core/kernel";
import { createRedirect } from "@laurel/functions/redirect.ts";
import type { Runtime } from "@laurel/functions/runtime.ts";
import { createWebhook } from "@laurel/functions/webhook/app.ts";
import { startInbox } from "../src/inbox/inbox.ts";
import { freePort } from "../src/port.ts";
import { openFront } from "../src/server/front.ts";
import { consumersOf } from "../src/stream/consumers.ts";
import { createPoller, type Poller } from "../src/stream/poller.ts";
import { openPositions } from "../src/stream/positions.ts";
import { createReader } from "../src/stream/reader.ts";
import { answer } from "./child.ts";
import { openRecorder, type Recorder } from "./recorder.ts";
import { runtimeOf, type Staging } from "./stage.ts";

/**
 * The process under measurement: webhook and redirect behind the door that `npm start` opens, and on demand the stream's
 * consumers and the mail inbox in the same process, as on a laptop.
 */
let runtime: Runtime;
let recorder: Recorder;
let poller: Poller | undefined;
let seen = 0;

const nobody = { fetch: () => new Response(null, { status: 404 }) };
const complaints: string[] = [];

const answers = {
  open: async ({ staging, consumers }: { staging: Staging; consumers: boolean }): Promise<{ port: number }> => {
    const inbox = consumers ? await startInbox(0) : undefined;
    const note: Log["warn"] = (message, data = {}) => void complaints.push(`${message} ${JSON.stringify(data)}`);
    runtime = runtimeOf(staging, {
      ...(inbox ? { sesEndpoint: inbox.url } : {}),
      log: { info: () => {}, warn: note, error: note },
    });
    recorder = openRecorder(runtime.table);
    const port = await freePort();
    const front = await openFront(port, `http://127.0.0.1:${port}`);
    front.open({
      api: nobody,
      webhooks: createWebhook(runtime),
      redirect: createRedirect(runtime),
      shop: nobody,
      local: nobody,
      portal: async (_, outgoing) => void outgoing.writeHead(404).end(),
    });
    if (consumers) {
      poller = createPoller({
        reader: createReader(staging.endpoint, staging.streamArn),
        positions: openPositions(undefined, staging.streamArn),
        consumers: consumersOf(runtime).map((consumer) => ({
          ...consumer,
          handle: (event) => {
            seen += event.Records.length;
            return consumer.handle(event);
          },
        })),
        log: runtime.log,
      });
      poller.start();
    }
    return { port };
  },
  record: () => recorder.start(),
  recorded: () => recorder.stop(),
  /** CPU time of this process so far, in ms. */
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  /** How many records the consumers have been given so far. */
  seen: () => seen,
  /** What was logged as a warning or an error since it was last asked. */
  complaints: () => complaints.splice(0),
};
export type Server = typeof answers;
answer(answers);
