import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DeleteCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import * as Ambassadors from "@laurel/core/ambassador";
import * as Applications from "@laurel/core/application";
import { list as listAudit } from "@laurel/core/audit";
import { list as listEffects } from "@laurel/core/effect";
import { openSession, readSession } from "@laurel/core/session";
import { start } from "@laurel/core/sign-in";
import { getItem, transact } from "@laurel/core/table";
import { tableSchema } from "@laurel/core/table/schema.ts";
import { ambassador, event, openCheckout, purchase, session, withCode } from "@laurel/local/testing/checkout.ts";
import { openWorld } from "@laurel/local/testing/index.ts";
import { scan } from "@laurel/local/testing/scan.ts";
import { expect, test } from "vitest";
import { deadLetterNames } from "../../../../stacks/dead-letters.ts";

const docs = join(import.meta.dirname, "../../../../docs");
const read = (name: string) => readFileSync(join(docs, name), "utf8");
const pages = ["runbook.md", "first-deploy.md", "alarms.md", "cost.md", "../README.md"];

test("erasing a person by hand, as the runbook says it: nothing of them is left, and everything goes on", async () => {
  const world = await openWorld();
  try {
    const anna = await ambassador(world, "Annabella Mustermann");
    const checkout = openCheckout(world);
    const of = purchase(world.clock.now());
    await checkout.tell(event("checkout.session.completed", session(of, withCode(anna.promotionCodeId)), of.at));
    await world.settle();
    const { client, name: TableName } = world.table;
    const remove = (pk: string, sk: string) => client.send(new DeleteCommand({ TableName, Key: { pk, sk } }));

    // 1 Who is it?
    const { personId } = (await getItem(world.table, { pk: `AMB#${anna.id}`, sk: "AMBASSADOR" }))!;
    const opened = openSession(world.ctx(), personId, 2);
    await transact(world.table, opened.writes);
    // 2 Everything personal is in one place.
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: "pk = :p",
        ExpressionAttributeValues: { ":p": `PERSON#${personId}` },
      }),
    );
    const { emailKey } = Items.find(({ sk }) => sk === "PROFILE")!;
    // 3 and 4
    for (const { pk, sk } of Items) await remove(pk, sk);
    for (const sk of ["PERSON", "APPLICATION"]) await remove(`EMAIL#${emailKey}`, sk);

    const left = JSON.stringify(await scan(world)).toLowerCase();
    for (const trace of [anna.email.toLowerCase(), "annabella mustermann", "mustermann", emailKey.toLowerCase()])
      expect(left, trace).not.toContain(trace);
    const manager = world.ctx(world.staff("manager"));
    expect(await readSession(world.ctx(), opened.cookie)).toBeUndefined();
    const { items } = await Ambassadors.list(manager, { status: "active" });
    expect(items).toMatchObject([{ id: anna.id }]);
    expect(await Ambassadors.get(manager, anna.id)).toMatchObject({ id: anna.id, email: "" });
    expect((await Applications.list(manager, { status: "approved" })).items.length).toBeLessThanOrEqual(1);
    expect((await listAudit(world.ctx(world.staff("owner")), {})).items.length).toBeGreaterThan(0);
    // Their code still sells, the books go on, and their address is free again.
    const next = purchase(world.clock.now());
    await checkout.tell(event("checkout.session.completed", session(next, withCode(anna.promotionCodeId)), next.at));
    await start(world.ctx({ kind: "public", network: "192.0.2.1" }), { email: anna.email });
    const before = world.mails.length;
    await world.settle();
    expect(world.mails.length).toBe(before);
    for (const state of ["waiting", "dead"] as const)
      expect((await listEffects(manager, { state })).items, `${state} effects`).toEqual([]);
  } finally {
    await world.close();
  }
});

test("every link of the operating pages leads to a page and to a heading that is there", () => {
  const headings = (text: string) =>
    new Set(
      [...text.matchAll(/^#+ (.+)$/gm)].map(([, told]) =>
        told!
          .toLowerCase()
          .replace(/[^\w\s-]/g, "")
          .replace(/\s/g, "-"),
      ),
    );
  for (const page of pages) {
    const from = join(docs, page);
    for (const [, target] of readFileSync(from, "utf8").matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [file = "", anchor] = target!.split("#");
      const to = file ? join(dirname(from), file) : from;
      expect(existsSync(to), `${page} → ${target}`).toBe(true);
      if (anchor) expect([...headings(readFileSync(to, "utf8"))], `${page} → ${target}`).toContain(anchor);
    }
  }
});

test("every command that the pages name exists", () => {
  const { scripts } = JSON.parse(read("../package.json"));
  for (const page of pages)
    for (const [, name] of read(page).matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts), page).toContain(name);
});

test("every setting that the pages name exists", () => {
  const config = readFileSync(join(docs, "../stacks/config.ts"), "utf8");
  const elsewhere = ["LAUREL_WEBHOOK_SECRET", "LAUREL_DIR", "LAUREL_DEMO", "LAUREL_FETCH_ENGINE"];
  for (const page of pages)
    for (const [name] of read(page).matchAll(/LAUREL_[A-Z_]+/g))
      if (!elsewhere.includes(name)) expect(config, `${page}: ${name}`).toContain(`\`${name}\``);
});

test("the runbook knows every queue and every function that is stopped for a restore", () => {
  const runbook = read("runbook.md");
  for (const name of deadLetterNames) expect(runbook).toContain(`| \`${name}\` |`);
  const stopped = [...runbook.matchAll(/^for f in (.+); do$/gm)].map(([, names]) => names);
  expect(new Set(stopped)).toEqual(new Set(["webhook api minute day effects rollups feedback"]));
  expect(stopped).toHaveLength(2);
  // What a restored table lacks is given back as the schema has it.
  const { streamViewType, timeToLiveAttribute } = tableSchema;
  expect(runbook).toContain(`StreamEnabled=true,StreamViewType=${streamViewType}\n`);
  expect(runbook).toContain(`Enabled=true,AttributeName=${timeToLiveAttribute}\n`);
});
