import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTable } from "./client.ts";
import { getItem } from "./read.ts";

let server: Server;
let endpoint: string;
let calls = 0;
beforeAll(async () => {
  server = createServer(() => void calls++);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const somewhere = { pk: "A", sk: "B" };

test("an engine that takes a call and never answers is asked again, and then given up", async () => {
  const retries: number[] = [];
  const table = openTable(
    { tableName: "silent", endpoint, onRetry: (times) => retries.push(times) },
    { maxAttempts: 2, requestHandler: { requestTimeout: 50, throwOnRequestTimeout: true } },
  );
  await expect(getItem(table, somewhere)).rejects.toMatchObject({ kind: "unavailable", code: "table.unavailable" });
  expect([calls, retries]).toEqual([2, [1]]);
  table.client.destroy();
});

test("the SDK gives a call up only where it is told so, and it is", async () => {
  const table = openTable({ tableName: "silent", endpoint }, { maxAttempts: 1 });
  const asked = getItem(table, somewhere).catch(() => "ended");
  await expect
    .poll(() => (table.client.config.requestHandler as { httpHandlerConfigs(): object }).httpHandlerConfigs())
    .toMatchObject({ requestTimeout: 5000, throwOnRequestTimeout: true });
  server.closeAllConnections();
  expect(await asked).toBe("ended");
  table.client.destroy();
});
