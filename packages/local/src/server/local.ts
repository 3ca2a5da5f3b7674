import { type Role, roles } from "@laurel/contract";
import { mintSignIn } from "@laurel/core/sign-in";
import type { Runtime } from "@laurel/functions/runtime.ts";
import { Hono } from "hono";
import * as z from "zod";
import type { LocalClock } from "../clock.ts";
import type { KnownPerson } from "../seed/people.ts";
import { documentPage, isDocument } from "./documents.ts";
import { pageHeaders } from "./headers.ts";

const MoveClock = z.union([
  z.strictObject({ advanceMs: z.int() }),
  z.strictObject({ to: z.iso.datetime({ offset: true }) }),
  z.strictObject({ reset: z.literal(true) }),
]);

const Copy = z.strictObject({ into: z.string().max(4096) });

export interface LocalParts {
  runtime: Runtime;
  clock: LocalClock;
  people: () => Promise<KnownPerson[]>;
  /** Runs all that time may have made due. */
  runJobs: () => Promise<void>;
  /** Copies all data into a folder beside it. False where it is not beside the data, or the data is not ours. */
  copyData: (into: string) => boolean;
  /** The shops that are played on this machine; absent where real ones are meant. */
  shops?: Hono | undefined;
}

/** Routes that exist on this machine alone: they open doors that must not exist anywhere else. */
export function createLocal({ runtime, clock, people, runJobs, copyData, shops }: LocalParts): Hono {
  const app = new Hono();
  const own = new URL(runtime.env.PUBLIC_ORIGIN).origin;
  const refusal = (status: number, code: string, detail: string) =>
    Response.json(
      { type: `urn:laurel:problem:${code}`, title: "This cannot be done", status, code, detail },
      { status },
    );

  app.use("*", async (c, next) => {
    const origin = c.req.header("origin");
    if (c.req.method !== "GET" && origin && origin !== own)
      return refusal(403, "request.origin", `Requests like this one are taken only from ${own}.`);
    await next();
    c.header("cache-control", "no-store");
  });

  /** A fresh single-use sign-in each time it is opened, handed over in the fragment, which no log sees. */
  app.get("/local/sign-in", async (c) => {
    const role = c.req.query("role") as Role;
    const person = (await people()).find((each) => each.role === role);
    if (!person) return refusal(404, "local.role", `There is nobody with that role here. Roles: ${roles.join(", ")}.`);
    const { token } = await mintSignIn(runtime.context({ kind: "system", name: "local" }), person.personId);
    return c.redirect(`${runtime.env.PUBLIC_ORIGIN}/sign-in#token=${token}`, 302);
  });

  const tell = () => ({ now: clock.now().toISOString(), offsetMs: clock.offsetMs() });
  app.get("/local/clock", (c) => c.json(tell()));
  app.post("/local/clock", async (c) => {
    const move = MoveClock.safeParse(await c.req.json().catch(() => undefined));
    if (!move.success)
      return refusal(
        400,
        "request.invalid",
        'Send {"advanceMs": 86400000}, {"to": "2027-01-31T12:00:00Z"} or {"reset": true}.',
      );
    if ("advanceMs" in move.data) clock.advance(move.data.advanceMs);
    else if ("to" in move.data) clock.set(new Date(move.data.to));
    else clock.reset();
    await runJobs();
    return c.json(tell());
  });

  /** For `npm run backup`, which packs the copy and takes it away. */
  app.post("/local/copy", async (c) => {
    const wanted = Copy.safeParse(await c.req.json().catch(() => undefined));
    if (!wanted.success) return refusal(400, "request.invalid", 'Send {"into": "/path/of/.laurel/backup-1"}.');
    if (!copyData(wanted.data.into)) return refusal(409, "local.elsewhere", "A copy is made beside the data only.");
    return c.body(null, 204);
  });

  if (shops) app.route("/", shops);

  app.get("/local/documents/:name", (c) => {
    const name = c.req.param("name");
    if (!isDocument(name)) return c.notFound();
    return c.html(documentPage(name), 200, pageHeaders);
  });
  app.notFound(() => refusal(404, "not_found", "There is nothing here."));
  app.onError((error) => {
    runtime.log.error("A local route failed", { error: error.stack ?? String(error) });
    return refusal(500, "internal", "It is not your fault. The log tells more.");
  });
  return app;
}
