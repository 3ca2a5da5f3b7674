import { checkLedger } from "@laurel/core/ledger-check";
import { afterAll, expect, inject, test } from "vitest";
import { dump } from "../dump.ts";
import { type Seeded, seeded } from "./demo.testing.ts";
import { demoSizes } from "./demo-size.ts";

const opened: Seeded[] = [];
afterAll(async () => {
  for (const each of opened) await each.close();
});

async function small(): Promise<Seeded> {
  const made = await seeded(inject("dynamodbEndpoint"), demoSizes.small);
  opened.push(made);
  return made;
}

test("the demo's year is the same twice, adds up, and mails nobody", async () => {
  const first = await small();
  console.info(`demo seeded in ${first.wallS.toFixed(1)} s, ${first.cpuS.toFixed(1)} s of work`);
  const lines = await dump(first.table);
  const count = (entity: string, also = "") =>
    lines.filter((line) => line.includes(`"__edb_e__":"${entity}"`) && line.includes(also)).length;

  expect(count("ambassador")).toBe(20);
  expect(count("tier")).toBe(3);
  expect(count("campaign")).toBe(2);
  expect(count("application", '"status":"confirmed"')).toBe(15);
  expect(count("order")).toBe(300);
  expect(
    new Set(lines.flatMap((line) => (line.includes('"__edb_e__":"order"') ? [JSON.parse(line).currency] : []))),
  ).toEqual(new Set(["EUR", "USD", "JPY"]));
  const refunded = count("order", '"status":"refunded"');
  const partly = count("order", '"status":"partly_refunded"');
  expect({ refunded, partly }).toEqual({ refunded: 18, partly: 18 });
  expect(count("code", '"state":"active"')).toBe(20);
  // Something of each kind for the team to decide.
  expect(count("flag", '"state":"open"')).toBe(2);
  expect(count("orderClaim", '"state":"open"')).toBe(3);
  expect(count("correction", '"state":"proposed"')).toBe(3);
  expect(count("effect", '"kind":"mail.')).toBe(0);
  expect(first.mails).toBe(0);

  const checked = await checkLedger(first.table);
  expect(checked.differences).toEqual([]);
  expect(checked.commissions).toBeGreaterThan(200);
  expect(first.people.map((each) => each.role)).toEqual(["owner", "manager", "finance", "ambassador"]);

  const second = await small();
  expect(await dump(second.table)).toEqual(lines);
}, 180_000);
