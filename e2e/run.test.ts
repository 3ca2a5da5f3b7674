import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { allOf, type Caller, call, sendSigned, signIn, signInAs } from "./api.ts";
import { codeIn, linkIn, openInbox } from "./inbox.ts";
import { freePort, node, type Program, type ProgramOptions, start, startProgram, until } from "./program.ts";

/* The program as whoever installs it meets it: a process, its folder, its port. No browser. */

const folders: string[] = [];
const programs = new Set<Program>();
const newFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), "laurel-e2e-run-"));
  folders.push(folder);
  return folder;
};
const up = async (options: ProgramOptions): Promise<Program> => {
  const program = await startProgram(options);
  programs.add(program);
  return program;
};
const down = (program: Program): Promise<number | null> => {
  programs.delete(program);
  return program.stop();
};
afterAll(async () => {
  for (const program of programs) await program.stop().catch(() => {});
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const linesOf = (text: string) => text.split("\n").filter((line) => line.trim() !== "");

/** All that a restart must not change. */
async function figures(owner: Caller) {
  const orders = await allOf<{ id: string; status: string }>(owner, "/api/orders");
  const ambassadors = await allOf<{ id: string }>(owner, "/api/ambassadors");
  const balances = await Promise.all(ambassadors.map(({ id }) => owner.get(`/api/ambassadors/${id}/balances`)));
  const applications = await allOf<{ id: string }>(owner, "/api/applications?status=confirmed");
  return { orders, ambassadors, balances, applications };
}

/** Buys the shop's first offer with a code. @returns the address of the purchase */
async function buy(program: Program, code: string): Promise<string> {
  const form = { currency: "EUR", quantity_shoes: "1", code, email: "runner@example.com", delayed: "no" };
  const answer = await postForm(program, "/shop/pay", form);
  expect(answer.status).toBe(303);
  return answer.headers.get("location")!;
}

const postForm = ({ run }: Program, path: string, form: Record<string, string>) =>
  fetch(run.portalUrl + path, {
    method: "POST",
    redirect: "manual",
    headers: { origin: run.portalUrl },
    body: new URLSearchParams(form),
  });

const checkLedger = async ({ folder, port }: { folder: string; port: number }) => {
  const check = start({ folder, port, command: [node, "packages/local/src/ledger-check.ts"] });
  const { code } = await check.ended;
  return { code, said: check.out() + check.err() };
};

describe("the demo's data", () => {
  const { port, folder: seeded } = inject("seeded");
  let program: Program;
  let owner: Caller;
  let code = "";
  let purchase = "";

  beforeAll(async () => {
    const folder = newFolder();
    cpSync(seeded, folder, { recursive: true });
    program = await up({ folder, port });
    owner = await signInAs(program.run, "owner");
    const [ambassador] = await allOf<{ code: string }>(owner, "/api/ambassadors");
    code = ambassador!.code;
  });

  test("a second start on the same folder is refused in one line, and harms nothing", async () => {
    const second = start({ folder: program.folder, port: await freePort() });
    const { code: exit } = await second.ended;
    expect(exit).toBeGreaterThan(0);
    expect(linesOf(second.out() + second.err())).toEqual([expect.stringMatching(/^laurel: .*already running on/)]);
    expect((await call(program.run, "/api/health")).status).toBe(200);
  });

  test("a port that somebody has is one line too, and a way out", async () => {
    const somebody: Server = createServer((_, answer) => answer.end("mine"));
    const taken = await freePort();
    await new Promise<void>((done) => somebody.listen(taken, "127.0.0.1", done));
    const folder = newFolder();
    const refused = start({ folder, port: taken });
    const { code: exit } = await refused.ended;
    somebody.close();
    expect(exit).toBeGreaterThan(0);
    const lines = linesOf(refused.out() + refused.err());
    expect(lines).toEqual([expect.stringContaining(`Port ${taken} is taken`)]);
    expect(lines[0]).toMatch(/PORT=\d+ npm start/);
    expect(readdirSync(folder)).not.toContain("laurel.db");
  });

  test("Ctrl-C and another start lose nothing", async () => {
    purchase = await buy(program, code);
    const before = await figures(owner);
    expect(before.orders.length).toBeGreaterThan(300);
    expect(await down(program)).toBe(0);
    expect(program.out()).toContain("Your data is kept");
    expect(existsSync(join(program.folder, "run.json"))).toBe(false);

    program = await up({ folder: program.folder, port });
    // The session outlives the restart as well.
    expect(await figures(owner)).toEqual(before);
  });

  test("the stand-in keeps what was bought there: it can be refunded after the restart", async () => {
    const page = await (await call(program.run, purchase)).text();
    expect(page).toContain("runner@example.com");
    const refund = await postForm(program, `${purchase}/refund`, { full: "yes" });
    expect(refund.status).toBe(303);
    const externalId = purchase.split("/").at(-1);
    const { items } = await owner.get<{ items: { status: string; commission: { state: string } }[] }>(
      `/api/orders?externalId=${externalId}`,
    );
    expect(items).toMatchObject([{ status: "refunded", commission: { state: "reversed" } }]);
    // Its codes are there as well.
    const again = await buy(program, code);
    expect(await (await call(program.run, again)).text()).toContain(`Discount ${code}`);
  });

  test("a program that is killed leaves its data to the next start", async () => {
    await buy(program, code);
    const before = await figures(owner);
    programs.delete(program);
    program.child.kill("SIGKILL");
    await program.ended;
    program = await up({ folder: program.folder, port });
    expect(await figures(owner)).toEqual(before);
  });

  test("the ledger is balanced, while it runs and after", async () => {
    expect(await checkLedger(program)).toEqual({ code: 0, said: expect.stringContaining("The ledger is balanced") });
    await down(program);
    expect(await checkLedger(program)).toEqual({ code: 0, said: expect.stringContaining("The ledger is balanced") });
  });
});

describe("an empty start", () => {
  const ownerEmail = "olga@example.org";
  let program: Program;
  let owner: Caller;
  let promotionCodeId = "";
  let code = "";

  beforeAll(async () => {
    // As from a shell: npm in between, and Ctrl-C for the whole group.
    program = await up({
      folder: newFolder(),
      port: await freePort(),
      env: { LAUREL_DEMO: "0", OWNER_EMAIL: ownerEmail },
      command: ["npm", "start", "--silent"],
      group: true,
    });
  });

  const applicationOf = (email: string) => ({
    name: "Ada Okafor",
    email,
    country: "NG",
    channels: [{ kind: "blog", url: "https://example.com/ada", followers: 900 }],
    niche: "Running",
    why: "I have run in your shoes for two years and my friends keep asking.",
    ageConfirmed: true,
    guidelinesVersion: "1",
    termsVersion: "1",
    privacyVersion: "1",
  });

  test("has an owner, who signs in by mail, and nothing else", async () => {
    expect(program.run.signInLinks).toMatchObject([{ role: "owner", email: ownerEmail }]);
    expect((await call(program.run, "/api/auth/start", { email: ownerEmail })).status).toBe(202);
    const mail = await openInbox(program.run.inboxUrl).mailTo(ownerEmail);
    owner = await signIn(program.run, { email: ownerEmail, code: codeIn(mail) });
    expect(await owner.get("/api/me")).toMatchObject({ email: ownerEmail, roles: ["owner"] });
    const { orders, ambassadors, applications } = await figures(owner);
    expect([orders, ambassadors, applications]).toEqual([[], [], []]);
  });

  test("takes an application, an approval and a code without a browser", async () => {
    const email = "ada@example.org";
    expect((await call(program.run, "/api/applications", applicationOf(email))).status).toBe(202);
    const link = new URL(linkIn(await openInbox(program.run.inboxUrl).mailTo(email), "/apply/confirm"));
    const token = new URLSearchParams(link.hash.slice(1)).get("token");
    expect((await call(program.run, "/api/applications/confirm", { token })).status).toBe(200);
    const { items } = await owner.get<{ items: { id: string }[] }>("/api/applications?status=confirmed");
    const approved = await owner.post<{ ambassador: { id: string }; code: { code: string } }>(
      `/api/applications/${items[0]!.id}/approve`,
      {},
    );
    code = approved.code.code;
    const active = await until(async () => {
      const { codes } = await owner.get<{ codes: { state: string; promotionCodeId: string }[] }>(
        `/api/ambassadors/${approved.ambassador.id}`,
      );
      return codes.find(({ state }) => state === "active");
    }, `the code ${code} to become active`);
    promotionCodeId = active.promotionCodeId;
    expect(promotionCodeId).toMatch(/^promo_/);
  });

  test("takes an event that was signed by hand, once however often it comes", async () => {
    const [connection] = program.run.connections;
    const session = "cs_test_byhand1";
    const event = {
      id: "evt_test_byhand1",
      object: "event",
      api_version: "2026-10-28.endive",
      created: Math.floor(Date.now() / 1000),
      livemode: false,
      type: "checkout.session.completed",
      data: {
        object: {
          id: session,
          object: "checkout.session",
          mode: "payment",
          status: "complete",
          payment_status: "paid",
          payment_intent: "pi_test_byhand1",
          created: Math.floor(Date.now() / 1000),
          currency: "eur",
          amount_subtotal: 10_000,
          amount_total: 10_615,
          total_details: { amount_discount: 1500, amount_shipping: 500, amount_tax: 1615 },
          discounts: [{ coupon: null, promotion_code: promotionCodeId }],
          customer_details: { email: "by.hand@example.org" },
          client_reference_id: null,
          metadata: {},
        },
      },
    };
    expect((await sendSigned(connection!, event, "whsec_somebody_elses")).status).toBe(400);
    expect((await sendSigned(connection!, event)).status).toBe(200);
    expect((await sendSigned(connection!, event)).status).toBe(200);
    // 106.15 − 16.15 tax − 5.00 shipping = 85.00, of which the first tier earns 10 %.
    const { items } = await owner.get<{ items: unknown[] }>(`/api/orders?externalId=${session}`);
    expect(items).toMatchObject([
      {
        status: "paid",
        grossMinor: 10_615,
        baseMinor: 8500,
        attribution: { code, reason: "promotion_code" },
        commission: { earnedMinor: 850, reversedMinor: 0, state: "pending" },
      },
    ]);
  });

  test("takes exactly as many applications an hour as it says, however many come at once", async () => {
    const moveTo = async (to: string) => expect((await call(program.run, "/local/clock", { to })).status).toBe(200);
    const statuses = async (emailOf: (n: number) => string) => {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, n) =>
          // Whoever claims to come from elsewhere does not.
          call(program.run, "/api/applications", applicationOf(emailOf(n)), {
            "x-forwarded-for": `203.0.113.${n}`,
            "x-laurel-viewer-ip": `203.0.113.${n}`,
          }),
        ),
      );
      const refused = answers.filter(({ status }) => status === 429);
      for (const { headers } of refused) {
        const retryAfterS = Number(headers.get("retry-after"));
        expect(retryAfterS).toBeGreaterThan(0);
        expect(retryAfterS).toBeLessThanOrEqual(3600);
      }
      return [answers.filter(({ status }) => status === 202).length, refused.length];
    };
    const nextYear = new Date().getUTCFullYear() + 1;
    await moveTo(`${nextYear}-03-01T10:15:00Z`);
    expect(await statuses(() => "same@example.org")).toEqual([5, 95]);
    await moveTo(`${nextYear}-03-01T11:15:00Z`);
    expect(await statuses((n) => `other${n}@example.org`)).toEqual([30, 70]);
    await call(program.run, "/local/clock", { reset: true });
  });

  test("ends by one Ctrl-C at npm, and its ledger is balanced", async () => {
    await down(program);
    expect(program.out()).toContain("Stopped. Your data is kept");
    expect(existsSync(join(program.folder, "engine.json"))).toBe(false);
    expect(await checkLedger(program)).toEqual({ code: 0, said: expect.stringContaining("The ledger is balanced") });
  });
});
