import { request as httpRequest, type ServerResponse } from "node:http";
import { ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ambassadorStatuses } from "@laurel/contract";
import { ClickEntity } from "@laurel/core/click";
import { CodeEntity, type CodeItem, findCode } from "@laurel/core/code";
import { getItem, keys, parse, transact, write } from "@laurel/core/table";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { freePort } from "../packages/local/src/port.ts";
import { openFront } from "../packages/local/src/server/front.ts";
import { ambassador, type TestAmbassador } from "../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../packages/local/testing/index.ts";
import { refused, wrapped } from "../packages/local/testing/wrap.ts";
import { createRedirect } from "./redirect.ts";

const phone =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
const front = "https://shop.example/";
const landing = "https://shop.example/spring?collection=trail%20shoes&flag#top";

let world: World;
let anna: TestAmbassador;
let redirect: ReturnType<typeof createRedirect>;

beforeAll(async () => {
  world = await openWorld();
  anna = await ambassador(world, "Anna Abroad");
  await set("SETTINGS", "shopUrl", front);
  await set(`CAMPAIGN#${world.program.campaignId}`, "landingUrl", landing);
  redirect = createRedirect(world.runtime);
});
afterAll(() => world.close());
afterEach(() => vi.restoreAllMocks());

const set = (sk: string, name: string, value: string) =>
  world.table.client.send(
    new UpdateCommand({
      TableName: world.table.name,
      Key: { pk: "PROGRAM", sk },
      UpdateExpression: "SET #name = :value",
      ExpressionAttributeNames: { "#name": name },
      ExpressionAttributeValues: { ":value": value },
    }),
  );

async function setCode(changes: Partial<CodeItem>, code = anna.code): Promise<void> {
  const next = { ...(await findCode(world.ctx(), code))!, ...changes };
  await transact(world.table, [write.put("code", CodeEntity.put(next).params({ table: world.table.name }))]);
}

/** Lets so much time pass for what is remembered. */
function later(ms: number): void {
  const now = performance.now.bind(performance);
  vi.spyOn(performance, "now").mockImplementation(() => now() + ms);
}

const visit = (path: string, { app = redirect, method = "GET", agent = phone as string | null } = {}) =>
  app.request(path, { method, headers: agent === null ? {} : { "user-agent": agent } });

async function clicks(): Promise<number> {
  const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
  return Items.filter((item) => String(item.pk).startsWith("CLICK#")).length;
}

/** Expects an answer that leads there, without a click. */
async function leadsTo(answer: Response, to: string, before: number): Promise<void> {
  expect(answer.status).toBe(302);
  expect(answer.headers.get("location")).toBe(to);
  expect(await clicks()).toBe(before);
}

describe("a visitor", () => {
  test("goes to the campaign's page with a click that is recorded already", async () => {
    const answer = await visit(`/r/${anna.code}`);
    expect(answer.status).toBe(302);
    const to = new URL(answer.headers.get("location")!);
    expect(to.origin + to.pathname + to.hash).toBe("https://shop.example/spring#top");
    const id = to.searchParams.get("laurel_click")!;
    expect(to.search).toBe(`?collection=trail%20shoes&flag&laurel_click=${id}&laurel_code=${anna.code}`);
    const item = await getItem(world.table, keys.click(id));
    expect(parse(ClickEntity, item)).toEqual({
      id,
      code: anna.code,
      ambassadorId: anna.id,
      at: world.clock.now().toISOString(),
      expiresAtEpochS: Math.floor(world.clock.now().getTime() / 1000) + 400 * 86_400,
    });
    // The raw put is the entity's.
    expect(item).toEqual(ClickEntity.create(parse(ClickEntity, item)!).params({ table: world.table.name }).Item);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(answer.headers.get("referrer-policy")).toBe("strict-origin-when-cross-origin");
    expect(await answer.text()).toBe("");
  });

  test("may write the code in any letters, and bring along what stood around it in a text", async () => {
    const before = await clicks();
    const ways = [anna.code.toLowerCase(), `${anna.code}/`, `${anna.code}.`, `${anna.code}),`, `${anna.code}%22`];
    for (const way of ways) {
      const to = new URL((await visit(`/r/${way}`)).headers.get("location")!);
      expect(to.searchParams.get("laurel_code"), way).toBe(anna.code);
    }
    expect(await clicks()).toBe(before + ways.length);
  });

  test("gets a click of their own each time", async () => {
    const before = await clicks();
    const answers = await Promise.all(Array.from({ length: 20 }, () => visit(`/r/${anna.code}`)));
    const ids = answers.map((answer) => new URL(answer.headers.get("location")!).searchParams.get("laurel_click"));
    expect(new Set(ids).size).toBe(20);
    expect(await clicks()).toBe(before + 20);
  });

  test.each(["activating", "failed", "active"] as const)(
    "counts while the code is %s at the checkout",
    async (state) => {
      await setCode({ state });
      const to = new URL(
        (await visit(`/r/${anna.code}`, { app: createRedirect(world.runtime) })).headers.get("location")!,
      );
      expect(to.searchParams.has("laurel_click")).toBe(true);
    },
  );
});

describe("no click", () => {
  const plain = "https://shop.example/spring?collection=trail%20shoes&flag#top";

  test.each([
    ["a crawler", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"],
    ["a preview", "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)"],
    ["a messenger's preview", "WhatsApp/2.23.20.0"],
    ["a script", "curl/8.7.1"],
    ["an empty name", ""],
    ["no name", null],
  ])("for %s", async (_, agent) => {
    const before = await clicks();
    await leadsTo(await visit(`/r/${anna.code}`, { agent }), plain, before);
  });

  test("for HEAD, which is answered like GET otherwise", async () => {
    const before = await clicks();
    const answer = await visit(`/r/${anna.code}?utm_source=x`, { method: "HEAD" });
    await leadsTo(answer, "https://shop.example/spring?collection=trail%20shoes&flag&utm_source=x#top", before);
    expect(await answer.text()).toBe("");
    await leadsTo(await visit("/r/NOBODY15", { method: "HEAD" }), front, before);
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS"])("for %s, which is not taken", async (method) => {
    const before = await clicks();
    const answer = await visit(`/r/${anna.code}`, { method });
    expect([answer.status, answer.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(answer.headers.get("location")).toBeNull();
    expect(await clicks()).toBe(before);
  });

  test.each(ambassadorStatuses.filter((status) => status !== "active"))(
    "for the code of somebody who is %s: the front page, with the visitor's query",
    async (ambassadorStatus) => {
      await setCode({ ambassadorStatus, state: "disabled" });
      const before = await clicks();
      const answer = await visit(`/r/${anna.code}?utm_source=x`, { app: createRedirect(world.runtime) });
      await leadsTo(answer, `${front}?utm_source=x`, before);
      await setCode({ ambassadorStatus: "active", state: "active" });
    },
  );

  test.each([
    "/r/NOBODY15",
    "/r/AB",
    `/r/${"A".repeat(21)}`,
    "/r/",
    "/r",
    "/r//",
    "/r/%",
    "/r/%E0%A4%A",
    "/r/%00",
    "/r/ANNAß15",
    "/r/K%C4%B0M15",
    "/r/__proto__",
    "/r/CODE%23X",
  ])("for %s, which is nobody's: the front page", async (path) => {
    const before = await clicks();
    await leadsTo(await visit(path), front, before);
  });
});

describe("the query", () => {
  const search = async (query: string) => {
    const to = new URL((await visit(`/r/${anna.code}?${query}`)).headers.get("location")!);
    return [...to.searchParams];
  };
  const ownFirst = [
    ["collection", "trail shoes"],
    ["flag", ""],
  ];
  const click = [
    ["laurel_click", expect.stringMatching(/^clk_[0-9a-z]{26}$/)],
    ["laurel_code", expect.any(String)],
  ];

  test("travels on in its order, repeated names and all", async () => {
    expect(await search("utm_source=insta&tag=a&tag=b&gclid=x%2By+z&empty=&bare")).toEqual([
      ...ownFirst,
      ["utm_source", "insta"],
      ["tag", "a"],
      ["tag", "b"],
      ["gclid", "x+y z"],
      ["empty", ""],
      ["bare", ""],
      ...click,
    ]);
  });

  test("does not change what the landing page's address says", async () => {
    expect(await search("collection=evil&collection=worse&flag=1")).toEqual([...ownFirst, ...click]);
  });

  test("cannot bring a click or a code of its own", async () => {
    const forged =
      "laurel_click=clk_evil&laurel_click=clk_evil2&LAUREL_CLICK=x&laurel_code=EVIL&laurel%5Fclick=y&laurel_x=1";
    const found = await search(forged);
    expect(found).toEqual([...ownFirst, ...click]);
    expect(JSON.stringify(found)).not.toContain("evil");
    // Nor where no click is made.
    for (const path of [`/r/NOBODY15?${forged}`]) expect((await visit(path)).headers.get("location")).toBe(front);
    expect((await visit(`/r/${anna.code}?${forged}`, { agent: "curl/8.7.1" })).headers.get("location")).toBe(landing);
    expect((await visit(`/r/${anna.code}?${forged}`, { method: "HEAD" })).headers.get("location")).toBe(landing);
  });

  test("that is huge is cut between two of its parts, and never pushes the click out", async () => {
    const found = await search(`a=1&b=${"x".repeat(10_000)}&c=3`);
    expect(found).toEqual([...ownFirst, ["a", "1"], ...click]);
    const many = await visit(
      `/r/${anna.code}?${Array.from({ length: 2000 }, (_, at) => `p${at}=%F0%9F%98%80`).join("&")}`,
    );
    const location = many.headers.get("location")!;
    expect(location.length).toBeLessThan(4_200);
    expect(location).toMatch(/laurel_click=clk_/);
  });

  test.each([
    "x=%0d%0aSet-Cookie:%20evil=1",
    "x=%0aLocation:%20https://evil.example",
    "%0d%0aX-Evil=1",
    "x=%00",
    "x=%FF%FE",
    "next=https://evil.example&url=//evil.example&redirect=javascript:alert(1)",
    "__proto__=1&constructor=2",
    "?&&=&=x",
    "#//evil.example",
    "@evil.example",
    "\\evil.example",
  ])("%s stays a query of the brand's own page", async (query) => {
    const answer = await visit(`/r/${anna.code}?${query}`);
    const location = answer.headers.get("location")!;
    expect(location).toMatch(/^https:\/\/shop\.example\/spring\?collection=trail%20shoes&flag[!-~]*$/);
    expect(new URL(location).hash).toBe("#top");
    expect([...answer.headers.keys()].sort()).toEqual(["cache-control", "location", "referrer-policy"]);
  });
});

describe("no open redirect", () => {
  test.each([
    "/r//evil.example",
    "/r///evil.example",
    "/r/https://evil.example",
    "/r/https:%2f%2fevil.example",
    "/r/%2f%2fevil.example",
    "/r/%5c%5cevil.example",
    "/r/javascript:alert(1)",
    "/r/data:text/html,x",
    "/r/ANNA15%2f..%2f..%2fevil",
    "/r/%2e%2e%2fevil",
    "/r/ANNA15%0d%0aLocation:%20https://evil.example",
    "/r/ANNA15%0a",
    "/r/ANNA15%23@evil.example",
    "/r/ANNA15;@evil.example",
    "/r/@evil.example",
    "/r/evil.example",
  ])("%s leads to the front page", async (path) => {
    const before = await clicks();
    await leadsTo(await visit(path), front, before);
  });

  test("whatever the request says of its own host", async () => {
    for (const headers of [
      { host: "evil.example", "x-forwarded-host": "evil.example", "user-agent": phone },
      { referer: "https://evil.example", origin: "https://evil.example", "user-agent": phone },
    ] as Record<string, string>[]) {
      const answer = await redirect.request(`https://evil.example/r/${anna.code}`, { headers });
      expect(new URL(answer.headers.get("location")!).origin).toBe("https://shop.example");
    }
  });

  test("an address that no browser may open never leaves, however it came into the settings", async () => {
    const campaign = `CAMPAIGN#${world.program.campaignId}`;
    try {
      for (const bad of ["javascript:alert(1)", "//evil.example", "not an address", ""]) {
        await set(campaign, "landingUrl", bad);
        const to = new URL(
          (await visit(`/r/${anna.code}`, { app: createRedirect(world.runtime) })).headers.get("location")!,
        );
        expect(to.origin + to.pathname).toBe(front);
        expect(to.searchParams.get("laurel_code")).toBe(anna.code);
      }
      await set("SETTINGS", "shopUrl", "javascript:alert(1)");
      const answer = await visit(`/r/${anna.code}`, { app: createRedirect(world.runtime) });
      expect([answer.status, answer.headers.get("location")]).toEqual([503, null]);
    } finally {
      await set(campaign, "landingUrl", landing);
      await set("SETTINGS", "shopUrl", front);
    }
  });

  test("over a real connection the raw path is as harmless", async () => {
    const port = await freePort();
    const door = await openFront(port, `http://localhost:${port}`);
    try {
      const none = { fetch: () => new Response(null, { status: 404 }) };
      const portal = async (_: unknown, outgoing: ServerResponse) => void outgoing.writeHead(404).end();
      door.open({ api: none, webhooks: none, shop: none, local: none, redirect, portal });
      const locationOf = (path: string) =>
        new Promise<string | undefined>((done, fail) => {
          httpRequest({ host: "127.0.0.1", port, path, headers: { "user-agent": phone } }, (answer) => {
            answer.resume();
            done(answer.headers.location);
          })
            .on("error", fail)
            .end();
        });
      for (const path of [
        "/r//evil.example",
        "/r/..//evil.example",
        "/r/\\evil.example",
        "//evil.example/r/x",
        "/r/%2e%2e/%2e%2e//evil.example",
      ])
        expect([front, undefined], path).toContain(await locationOf(path));
      expect(await locationOf(`/r/${anna.code}`)).toMatch(/^https:\/\/shop\.example\/spring\?.*laurel_click=/);
    } finally {
      await door.close();
    }
  });
});

describe("what is remembered", () => {
  /** How many calls a redirect makes to the engine, and by its word what they find. */
  function counting() {
    const calls: string[] = [];
    const table = wrapped(world.table, (call, send) => {
      calls.push(call.name);
      return send();
    });
    return { calls, app: createRedirect({ ...world.runtime, table }) };
  }

  test("saves the second visitor all reads; the click is their only call", async () => {
    const { calls, app } = counting();
    await visit(`/r/${anna.code}`, { app });
    calls.length = 0;
    await visit(`/r/${anna.code}`, { app });
    expect(calls).toEqual(["Put"]);
  });

  test("is asked for once by many who come at the same moment", async () => {
    const { calls, app } = counting();
    await Promise.all(Array.from({ length: 30 }, () => visit(`/r/${anna.code}`, { app })));
    expect(calls.filter((name) => name === "Put")).toHaveLength(30);
    expect(calls.filter((name) => name === "Get")).toHaveLength(2);
  });

  test("is 30 s old at most: a ban and another landing page are noticed", async () => {
    const { app } = counting();
    const whereTo = async () => new URL((await visit(`/r/${anna.code}`, { app })).headers.get("location")!);
    expect((await whereTo()).pathname).toBe("/spring");
    try {
      await setCode({ ambassadorStatus: "banned" });
      later(29_000);
      expect((await whereTo()).searchParams.has("laurel_click")).toBe(true);
      vi.restoreAllMocks();
      later(30_001);
      const banned = await whereTo();
      expect([banned.href, banned.searchParams.has("laurel_click")]).toEqual([front, false]);
      await setCode({ ambassadorStatus: "active" });
      vi.restoreAllMocks();
      later(60_100);
      expect((await whereTo()).pathname).toBe("/spring");
    } finally {
      await setCode({ ambassadorStatus: "active" });
    }
  });

  test("a code that does not exist yet is not remembered as such", async () => {
    const { app } = counting();
    expect((await visit("/r/LATER15", { app })).headers.get("location")).toBe(front);
    const item = { ...(await findCode(world.ctx(), anna.code))!, code: "LATER15" };
    await transact(world.table, [write.put("code", CodeEntity.create(item).params({ table: world.table.name }))]);
    expect((await visit("/r/LATER15", { app })).headers.get("location")).toContain("laurel_code=LATER15");
  });
});

describe("while the table", () => {
  /** A redirect whose engine can be taken away. */
  function breakable() {
    const state: { mode: "up" | "down" | "slow"; calls: number } = { mode: "up", calls: 0 };
    const table = wrapped(world.table, async (_, send) => {
      state.calls++;
      if (state.mode === "down") throw refused();
      if (state.mode === "slow") await new Promise((done) => setTimeout(done, 6_000).unref());
      return send();
    });
    return { state, app: createRedirect({ ...world.runtime, table }) };
  }

  test("does not answer, visitors of remembered links are sent on without a click, after 30 s as well", async () => {
    const { state, app } = breakable();
    await visit(`/r/${anna.code}`, { app });
    const before = await clicks();
    state.mode = "down";
    await leadsTo(
      await visit(`/r/${anna.code}?utm_source=x`, { app }),
      "https://shop.example/spring?collection=trail%20shoes&flag&utm_source=x#top",
      before,
    );
    later(600_000);
    await leadsTo(await visit(`/r/${anna.code}`, { app }), landing, before);
    expect(world.logs.map(({ message }) => message)).toEqual(
      expect.arrayContaining(["click.lost", "redirect.remembered"]),
    );
    // Each visitor still tries to leave a click; where to is asked only now and then.
    state.calls = 0;
    for (let visitor = 0; visitor < 5; visitor++) await visit(`/r/${anna.code}`, { app });
    expect(state.calls).toBe(5);
    state.mode = "up";
    vi.restoreAllMocks();
    later(610_000);
    expect((await visit(`/r/${anna.code}`, { app })).headers.get("location")).toContain("laurel_click=");
  });

  test("does not answer, a link that nobody remembers is told to come again", async () => {
    const { state, app } = breakable();
    state.mode = "down";
    for (const path of [`/r/${anna.code}`, "/r/NOBODY15", "/r/"]) {
      const answer = await visit(path, { app });
      expect([answer.status, answer.headers.get("retry-after"), answer.headers.get("location")]).toEqual([
        503,
        "5",
        null,
      ]);
      expect(await answer.text()).toBe("This link does not work at the moment. Please try again in a few seconds.");
    }
    state.mode = "up";
    expect((await visit(`/r/${anna.code}`, { app })).status).toBe(302);
  });

  test("has been silent for more than an hour, nothing is remembered any more", async () => {
    const { state, app } = breakable();
    await visit(`/r/${anna.code}`, { app });
    state.mode = "down";
    later(3_700_000);
    expect((await visit(`/r/${anna.code}`, { app })).status).toBe(503);
  });

  test("is slow, nobody waits for it: one second for a click, two for a landing", async () => {
    const { state, app } = breakable();
    await visit(`/r/${anna.code}`, { app });
    state.mode = "slow";
    const timed = async (path: string) => {
      const started = Date.now();
      const answer = await visit(path, { app });
      return { status: answer.status, location: answer.headers.get("location"), ms: Date.now() - started };
    };
    const known = await timed(`/r/${anna.code}`);
    expect(known).toMatchObject({ status: 302, location: landing });
    expect(known.ms).toBeLessThan(1_800);
    later(31_000);
    const [old, unknown] = await Promise.all([timed(`/r/${anna.code}`), timed("/r/NOBODY15")]);
    expect(old).toMatchObject({ status: 302, location: landing });
    expect(old.ms).toBeLessThan(4_000);
    expect(unknown).toMatchObject({ status: 503 });
    expect(unknown.ms).toBeLessThan(3_000);
  });
});
