import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { AppError } from "@laurel/core/kernel";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { takeLimit } from "./limit.ops.ts";
import { networkOfAddress } from "./network.ts";

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const hour = 3_600_000;
const rule = (subject: string, max = 5) => ({ name: "test", subject, max, windowMs: hour });

const refusalOf = (attempt: Promise<void>): Promise<AppError | undefined> =>
  attempt.then(
    () => undefined,
    (error) => {
      if (error instanceof AppError) return error;
      throw error;
    },
  );

test("of 100 parallel tries exactly as many pass as the rule allows", async () => {
  const refusals = await Promise.all(
    Array.from({ length: 100 }, () => refusalOf(takeLimit(world.ctx(), [rule("parallel", 30)]))),
  );
  expect(refusals.filter((refusal) => refusal === undefined)).toHaveLength(30);
  expect(new Set(refusals.filter((refusal) => refusal).map((refusal) => refusal!.kind))).toEqual(
    new Set(["rate_limited"]),
  );
});

test("windows are aligned with the clock, and the wait is the rest of the window", async () => {
  world.clock.set("2026-06-15T12:59:30.000Z");
  for (let taken = 0; taken < 5; taken++) await takeLimit(world.ctx(), [rule("window")]);
  expect((await refusalOf(takeLimit(world.ctx(), [rule("window")])))?.retryAfterMs).toBe(30_000);
  world.clock.advance(29_999);
  expect((await refusalOf(takeLimit(world.ctx(), [rule("window")])))?.retryAfterMs).toBe(1);
  world.clock.advance(1);
  expect(await refusalOf(takeLimit(world.ctx(), [rule("window")]))).toBeUndefined();
});

test("subjects and rules are counted apart, and the first rule that is used up ends it", async () => {
  for (let taken = 0; taken < 5; taken++) await takeLimit(world.ctx(), [rule("a")]);
  await takeLimit(world.ctx(), [rule("b")]);
  await takeLimit(world.ctx(), [{ ...rule("a"), name: "other" }]);
  expect((await refusalOf(takeLimit(world.ctx(), [rule("a"), { ...rule("c", 1), name: "last" }])))?.code).toBe(
    "limit.reached",
  );
  expect(await refusalOf(takeLimit(world.ctx(), [{ ...rule("c", 1), name: "last" }]))).toBeUndefined();
});

test.each([
  ["2026-06-15T12:00:00.000Z", "12 hours"],
  ["2026-06-15T22:25:00.000Z", "95 minutes"],
  ["2026-06-15T23:59:30.000Z", "a minute"],
])("at %s the next day begins in %s", async (now, wait) => {
  world.clock.set(now);
  const day = { ...rule(`day ${now}`, 1), windowMs: 24 * hour };
  await takeLimit(world.ctx(), [day]);
  expect((await refusalOf(takeLimit(world.ctx(), [day])))?.message).toBe(`That was too often. Try again in ${wait}.`);
});

test("no subject is stored in the clear, and every counter expires", async () => {
  await takeLimit(world.ctx(), [rule("ada@example.com"), { ...rule("192.0.2.7"), name: "network" }]);
  const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
  const counters = Items.filter((item) => String(item.pk).startsWith("LIMIT#"));
  expect(counters.length).toBeGreaterThan(1);
  expect(JSON.stringify(counters)).not.toMatch(/ada@example|192\.0\.2\.7/);
  for (const counter of counters) expect(counter.expiresAtEpochS).toBeGreaterThan(0);
});

test("an address stands for a network: one of IPv4, a /64 of IPv6", () => {
  expect(networkOfAddress("192.0.2.7")).toBe("192.0.2.7");
  expect(networkOfAddress("::ffff:192.0.2.7")).toBe("192.0.2.7");
  expect(networkOfAddress("::ffff:c000:207")).toBe("192.0.2.7");
  expect(networkOfAddress("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
  expect(networkOfAddress("2001:DB8:1:2::1")).toBe("2001:db8:1:2::/64");
  expect(networkOfAddress("2001:0db8:0001:0002:ffff:ffff:ffff:ffff")).toBe("2001:db8:1:2::/64");
  expect(networkOfAddress("2001:db8:1:3::1")).toBe("2001:db8:1:3::/64");
  expect(networkOfAddress("fe80::1%eth0")).toBe("fe80:0:0:0::/64");
  expect(networkOfAddress("::1")).toBe("0:0:0:0::/64");
  expect(networkOfAddress("64:ff9b::192.0.2.7")).toBe("64:ff9b:0:0::/64");
  for (const rubbish of ["", "1.2.3", "example.com", "1.2.3.4.5", "::g"])
    expect(networkOfAddress(rubbish)).toBe("unknown");
});
