import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import {
  ApproveApplication,
  BulkDecision,
  DeclineApplication,
  ImportCustomers,
  PatchProgram,
  type Problem,
  ResolveFlag,
  ScheduleCampaign,
  StartSimulation,
  SubmitApplication,
} from "@laurel/contract";
import * as data from "./data.ts";

/*
 * The built portal on a port of its own, with answers out of `data.ts` instead of the API, under the content policy
 * that it will be served with. Cookies choose who is signed in (`who`) and how the API behaves
 * (`mood`: empty, error, slow, conflict). For looking at screens; the portal itself knows nothing of it.
 */

const dist = join(import.meta.dirname, "../../dist");
export const policy =
  "default-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

type Answer = { status: number; body?: unknown };
const ok = (body: unknown): Answer => ({ status: 200, body });
const page = (items: unknown[], cursor: string | null = null): Answer => ok({ items, cursor });
const problem = (status: number, code: string, title: string, detail: string, errors?: Problem["errors"]): Answer => ({
  status,
  body: {
    type: `urn:laurel:problem:${code}`,
    title,
    status,
    detail,
    instance: "/api",
    code,
    requestId: data.id("request", 5),
    ...(errors ? { errors } : {}),
  } satisfies Problem,
});
const nothing = problem(
  404,
  "not_found",
  "Not found",
  "There is nothing here, or nothing that you may see. Check the address.",
);

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  who: string;
  mood: string;
}

/** Whether the conflict that a mood asks for has happened. */
let tried = false;

/** The program as a PATCH leaves it. */
const changed = ({ rules, fraud, ...rest }: PatchProgram) => ({
  ...data.program,
  ...rest,
  rules: { ...data.program.rules, ...rules, version: data.program.rules.version + (rules ? 1 : 0) },
  fraud: { ...data.program.fraud, ...fraud },
  version: data.program.version + 1,
});

/** A part of a list of customers, of which a third was known. Its size is in its id. */
const importJob = (total: number, state: "waiting" | "done") => ({
  ...data.job(1),
  id: data.id("job", total),
  kind: "customers.import",
  state,
  counts:
    state === "done"
      ? { total, done: total - Math.floor(total / 3), refused: Math.floor(total / 3) }
      : { total, done: 0, refused: 0 },
  rows: { items: [], cursor: null },
});
const importJobs = (key: string | undefined) =>
  Array.from({ length: 20 }, (_, at) => at + 4)
    .filter((total) => data.id("job", total) === key)
    .map((total) => importJob(total, "done"))[0];

/** Which events a filter is about. */
const meets = (query: URLSearchParams) => (each: (typeof data.events)[number]) => {
  const [status, source] = [query.get("status"), query.get("source")];
  const asked = status === "dead" ? ["unprocessable", "failed"] : [status];
  return (!status || asked.includes(each.status)) && (!source || each.source === source);
};
const found = <T>(value: T | undefined): Answer => (value === undefined ? nothing : ok(value));

function publicAnswer({ method, path, body }: Asked): Answer | undefined {
  const token = (body as { token?: string })?.token ?? "";
  switch (`${method} ${path}`) {
    case "GET /api/program/public":
      return ok(data.publicProgram);
    case "POST /api/applications": {
      const read = SubmitApplication.safeParse(body);
      if (!read.success)
        return problem(
          400,
          "request.invalid",
          "The request is not valid",
          "Some fields are not right.",
          read.error.issues.map((issue) => ({ field: issue.path.join("."), message: issue.message })),
        );
      if (read.data.email.startsWith("server@"))
        return problem(400, "request.invalid", "The request is not valid", "email is not taken.", [
          { field: "email", message: "is not an address that we can write to" },
        ]);
      return { status: 202, body: { status: "check_your_mail" } };
    }
    case "POST /api/applications/status":
    case "POST /api/applications/confirm":
    case "POST /api/applications/withdraw":
      if (token === "bad")
        return problem(
          400,
          "link.invalid",
          "The request is not valid",
          "This link is not valid. Open the newest mail from us and use the link in it.",
          [{ field: "token", message: "is not valid" }],
        );
      return ok({
        application: data.applicant(
          path.endsWith("withdraw") ? "withdrawn" : path.endsWith("confirm") ? "confirmed" : (token as "confirmed"),
        ),
      });
    case "POST /api/auth/start":
      return { status: 202, body: { status: "check_your_mail" } };
    case "POST /api/auth/verify":
      if (token === "bad" || (body as { code?: string }).code === "000000")
        return problem(
          401,
          "sign_in.invalid",
          "You are not signed in",
          "This code or link is wrong or too old. Ask for a new one.",
        );
      return ok(data.me("owner"));
    case "POST /api/auth/sign-out":
      return { status: 204 };
    default:
      return undefined;
  }
}

function privateAnswer({ method, path, query, body, who, mood }: Asked): Answer {
  const me = data.me(who);
  if (!me)
    return problem(401, "auth.required", "You are not signed in", "Sign in to go on. Your session may have ended.");
  if (path === "/api/me") return ok(me);
  if (mood === "error")
    return problem(
      503,
      "unavailable",
      "Not available at the moment",
      "The service is briefly out of reach. Nothing is lost; try again in a minute.",
    );
  const empty = mood === "empty";
  const [, , concept, key, verb] = path.split("/").map(decodeURIComponent);

  if (method === "POST" && path === "/api/me/codes") {
    const { code } = body as { code: string };
    if (code === "TAKEN")
      return problem(
        409,
        "code.taken",
        "Something else happened first",
        "TAKEN is in use at the shop already. Choose another code.",
        [{ field: "code", message: "is taken" }],
      );
    return { status: 201, body: { ...data.ambassadors[0]!.codes[0]!, code, state: "activating" } };
  }
  if (method === "POST" && concept === "applications") {
    if (mood === "conflict")
      return problem(
        409,
        "application.already_decided",
        "Something else happened first",
        "This application was already declined.",
      );
    if (key === "bulk") {
      BulkDecision.parse(body);
      return { status: 202, body: { job: data.job(2) } };
    }
    const one = data.applications.find((each) => each.id === key);
    if (!one) return nothing;
    if (verb === "approve") {
      ApproveApplication.parse(body);
      return ok({ ambassador: data.ambassadors[0], code: data.ambassadors[0]!.codes[0] });
    }
    if (verb === "decline") DeclineApplication.parse(body);
    if (verb === "undo") return ok(one);
    const status = verb === "decline" ? "declined" : "waitlisted";
    const decision = { ...data.declined.decision, outcome: status, decidedAt: new Date().toISOString() };
    return ok({ ...one, status, decision, undoForMs: 600_000 });
  }
  if (method === "POST" && concept === "simulations") {
    StartSimulation.parse(body);
    return { status: 202, body: { job: data.simulation(1).job } };
  }
  if (method === "POST" && concept === "jobs") return { status: 202, body: { job: data.job(3) } };
  if (method === "POST" && path === "/api/connections")
    return (body as { apiKey: string }).apiKey.startsWith("rk_test_hidden")
      ? problem(
          422,
          "stripe.account_hidden",
          "This cannot be done",
          "This key may not read which account it belongs to. Give the account's id too; it begins with acct_.",
        )
      : { status: 202, body: data.connections.items[3] };
  if (method === "POST" && verb === "corrections")
    return path.endsWith("/preview") ? ok(data.correctionPreview) : { status: 201, body: data.corrections[0] };
  if (method === "POST" && concept === "corrections") return ok({ ...data.corrections[0], state: "applied" });
  if (method === "POST" && concept === "claims") return ok({ ...data.claims[0], state: "declined" });
  if (method === "POST" && path === "/api/me/claims") {
    const { evidence } = body as { evidence?: object };
    const sentence =
      "We know no order with this number from this day. Tell us about it, and somebody will look for it.";
    return ok({ answer: "unknown", sentence, orderId: null, claim: evidence ? data.ownClaims[0] : null });
  }
  if (method === "POST" && concept === "connections") return ok(data.connections.items[0]);
  if (method === "POST" && concept === "people") return { status: 204 };
  if (method === "POST" && concept === "flags") {
    const { outcome } = ResolveFlag.parse(body);
    const one = data.flags.find((each) => each.id === key);
    return mood === "conflict"
      ? problem(409, "flag.ended", "Something else happened first", "Somebody has resolved this flag already.")
      : found(one && { ...one, state: outcome, held: null, mayResolve: false });
  }
  if (method === "POST" && verb === "rotate-code") return ok(data.ambassadors[0]!.codes[0]);
  if (method === "POST" && path.endsWith("/put-again"))
    return mood === "conflict"
      ? problem(
          409,
          "code.not_failed",
          "Something else happened first",
          "Nothing has failed about this code. Reload the page to see it.",
        )
      : ok({ ...data.ambassadors[0]!.codes[0], state: "activating", stateReason: null });
  if (method === "POST" && verb === "flags") return { status: 201, body: data.flags[2] };
  if (method === "POST" && path === "/api/events/replay") return { status: 202, body: { job: data.replayJob } };
  if (method === "POST" && verb === "compare") return { status: 202, body: { job: data.compareJob } };
  if (method === "POST" && verb === "replay") return found(data.events.find((each) => each.id === key));
  if (method === "POST" && verb === "retry") return found(data.effects.find((each) => each.id === key));
  if (method === "PATCH" && path === "/api/program") {
    const { version } = PatchProgram.parse(body);
    tried = mood === "conflict";
    return mood === "conflict" && version === data.program.version
      ? problem(409, "program.changed", "Something else happened first", "Somebody changed the program.")
      : ok(changed(PatchProgram.parse(body)));
  }
  if (method === "PUT" && concept === "campaigns") {
    const one = data.campaigns.find((each) => each.id === key);
    return found(one && { ...one, ...ScheduleCampaign.parse(body) });
  }
  if (method === "POST" && path === "/api/customers/imports")
    return mood === "conflict"
      ? problem(503, "unavailable", "Not available at the moment", "The service is briefly out of reach.")
      : { status: 202, body: { job: importJob(ImportCustomers.parse(body).customers.length, "waiting") } };

  switch (`${concept} ${key ? (verb ?? (concept === "me" ? key : "one")) : "list"}`) {
    case "applications list": {
      const status = query.get("status") ?? "confirmed";
      if (empty) return page([]);
      if (status === "declined") return page([data.declined]);
      if (status !== "confirmed") return page([]);
      const rows = data.applications.filter(
        (each) =>
          (!query.get("country") || each.country === query.get("country")) &&
          (!query.get("q") || each.name.toLowerCase().includes(query.get("q")!.toLowerCase())) &&
          each.maxFollowers >= Number(query.get("minFollowers") ?? 0),
      );
      return query.get("cursor") ? page(rows.slice(10)) : page(rows.slice(0, 10), rows.length > 10 ? "next" : null);
    }
    case "applications one":
      return found([...data.applications, data.declined].find((each) => each.id === key));
    case "jobs one":
      return found(
        [...[1, 2, 3].map(data.job), data.replayJob, data.compareJob].find((each) => each.id === key) ??
          importJobs(key),
      );
    case "simulations one":
      return found([1, 2, 3, 4].map(data.simulation).find((each) => each.job.id === key));
    case "campaigns list":
      return page(data.campaigns);
    case "tiers list":
      return page(data.tiers);
    case "ambassadors list":
      return page(empty ? [] : (query.get("status") ?? "active") === "active" ? data.ambassadors : []);
    case "ambassadors one":
      return found(data.ambassadors.find((each) => each.id === key));
    case "ambassadors balances":
    case "me balances":
      return ok({ items: empty ? [] : data.balances });
    case "orders list":
      return page(empty || query.get("code") === "NOBODY" ? [] : data.orders);
    case "orders receipt":
      return ok(data.receipt(me.roles.some((role) => role !== "ambassador") ? "staff" : "ambassador"));
    case "me orders":
      return page(
        empty ? [] : data.orders.filter((each) => each.attribution).map((each) => ({ ...each, externalIds: [] })),
      );
    case "me codes":
      return page(empty ? [] : data.ambassadors[0]!.codes);
    case "me commissions":
      return page(empty ? [] : data.commissions);
    case "events list":
      return page(empty ? [] : data.events.filter(meets(query)));
    case "events one":
      if (key === "count") return ok({ count: data.events.filter(meets(query)).length, all: true });
      return found(data.events.find((each) => each.id === key));
    case "flags list":
      return page(
        empty
          ? []
          : query.get("state") === "open"
            ? data.flags
            : query.get("state") === "cleared"
              ? data.endedFlags
              : [],
      );
    case "corrections list":
      return page(empty || (query.get("state") ?? "proposed") !== "proposed" ? [] : data.corrections);
    case "corrections one":
      return ok({ ...data.corrections[0], preview: data.correctionPreview, overtaken: null });
    case "claims list":
      return page(empty || (query.get("state") ?? "open") !== "open" ? [] : data.claims);
    case "claims one":
      return ok(data.claimDetail);
    case "me claims":
      return page(empty ? [] : data.ownClaims);
    case "effects list":
      if (query.get("state") === "skipped") return page(empty ? [] : data.skipped);
      return page(empty || query.get("state") === "waiting" ? [] : data.effects);
    case "connections list":
      return ok(empty ? { items: [] } : data.connections);
    case "setup list":
      return ok(mood === "setup" ? data.setup : { finished: true, steps: [] });
    case "audit list":
      return page(empty ? [] : data.audit);
    case "program list":
      // Somebody else was faster: what is read after the attempt is newer than what the page began with.
      if (mood === "conflict" && tried) {
        tried = false;
        return ok(data.programMeanwhile);
      }
      return ok(data.program);
    case "program one":
      return key === "rules" ? page(empty ? [] : data.savedRules) : nothing;
    case "fraud-signals list":
      return ok(data.fraudSignals);
    default:
      return nothing;
  }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? {} : JSON.parse(text);
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? "/", "http://localhost");
  const cookies = Object.fromEntries(
    (request.headers.cookie ?? "").split("; ").map((each) => each.split("=") as [string, string]),
  );
  if (url.pathname.startsWith("/api/")) {
    const asked: Asked = {
      method: request.method ?? "GET",
      path: url.pathname,
      query: url.searchParams,
      body: await bodyOf(request),
      who: cookies.who ?? "",
      mood: cookies.mood ?? "",
    };
    const given = publicAnswer(asked) ?? privateAnswer(asked);
    if (asked.mood === "slow" && asked.path !== "/api/me" && asked.path !== "/api/program/public")
      await new Promise((resolve) => setTimeout(resolve, 5000));
    response.writeHead(given.status, {
      "content-type": given.status >= 400 ? "application/problem+json" : "application/json",
      "cache-control": "no-store",
    });
    response.end(given.body === undefined ? "" : JSON.stringify(given.body));
    return;
  }
  const name = normalize(url.pathname);
  const file = extname(name) ? join(dist, name) : join(dist, "index.html");
  try {
    const content = await readFile(file);
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "content-security-policy": policy,
    });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

/** Starts it on a free port of loopback. */
export async function servePortal(port = 0): Promise<{ origin: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      response.writeHead(500).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the mock portal has no port");
  return {
    origin: `http://localhost:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

if (import.meta.main) console.log((await servePortal(Number(process.env.PORT ?? 4321))).origin);
