import { findPersonByEmail } from "@laurel/core/person";
import { openSession, sessionCookie } from "@laurel/core/session";
import { transact } from "@laurel/core/table";
import { openRecorder } from "@laurel/local/bench/recorder.ts";
import { indexEntries, sizeOf, type Wire } from "@laurel/local/bench/units.ts";
import {
  ambassador,
  event,
  openCheckout,
  purchase,
  refund,
  session,
  withCode,
  withEmail,
} from "@laurel/local/testing/checkout.ts";
import { openWorld, type World } from "@laurel/local/testing/index.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi } from "../../../../functions/api/app.ts";
import { createMinute } from "../../../../functions/job/minute.ts";
import { createRedirect } from "../../../../functions/redirect.ts";
import { type Tally, tallyOf } from "../../testing/tally.ts";
import { measured } from "./measured.ts";

let world: World;
let recorder: ReturnType<typeof openRecorder>;
beforeAll(async () => {
  world = await openWorld();
  recorder = openRecorder(world.table);
});
afterAll(() => world.close());

async function taken(work: () => Promise<unknown>): Promise<Tally> {
  recorder.start();
  await work();
  return tallyOf(world.table, recorder.stop());
}
const units = (...tallies: Tally[]) => ({
  writes: tallies.reduce((sum, each) => sum + each.writeUnits, 0),
  reads: tallies.reduce((sum, each) => sum + each.readUnits, 0),
});
const browser = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0" };

test("the quantities that costs are reckoned from are those that are measured", async () => {
  const found: Partial<Record<keyof typeof measured, Record<string, number>>> = {};
  const minute = createMinute(world.runtime);
  await minute();
  found.idleMinute = units(await taken(minute));

  const anna = await ambassador(world, "Anna Muster");
  const checkout = openCheckout(world);
  const sell = (n: number) => {
    const of = purchase(world.clock.now());
    const told = { ...withCode(anna.promotionCodeId), ...withEmail(`buyer.number.${n}@some-provider.example`) };
    return { of, told: event("checkout.session.completed", session(of, told), of.at) };
  };
  await checkout.tell(sell(1).told);
  await world.settle();

  const second = sell(2);
  recorder.start();
  await checkout.tell(second.told);
  const calls = recorder.stop();
  found.sale = units(await tallyOf(world.table, calls));
  found.saleBytes = bytesOf(calls.flatMap(({ input }) => putsOf(input)));
  found.saleAfter = units(await taken(() => world.settle()));

  const other = event("payment_intent.created", { id: "pi_other", object: "payment_intent" }, world.clock.now());
  found.otherEvent = units(await taken(() => checkout.tell(other)), await taken(() => world.settle()));

  found.refund = units(
    await taken(() => checkout.tell(event("refund.created", refund(second.of, 5950), second.of.at))),
    await taken(() => world.settle()),
  );

  const redirect = createRedirect(world.runtime);
  const visit = async () => void (await redirect.request(`/r/${anna.code}`, { headers: browser }));
  await visit();
  await world.settle();
  recorder.start();
  await visit();
  const visited = recorder.stop();
  found.click = units(await tallyOf(world.table, visited));
  found.clickBytes = bytesOf(visited.flatMap(({ input }) => putsOf(input)));
  found.clickCountedAlone = units(await taken(() => world.settle()));
  for (let n = 0; n < 24; n++) await visit();
  const many = units(await taken(() => world.settle()));
  found.clickCountedWithOthers = { writes: many.writes / 24, reads: many.reads / 24 };

  found.apiRequest = await apiRequest(anna.email);

  world.clock.advance(40 * 86_400_000);
  await minute();
  await world.settle();
  await checkout.tell(sell(3).told);
  await world.settle();
  world.clock.advance(40 * 86_400_000);
  const due = units(await taken(minute), await taken(() => world.settle()));
  found.release = { writes: due.writes - found.idleMinute.writes!, reads: due.reads - found.idleMinute.reads! };

  expect(Object.keys(found).sort()).toEqual(Object.keys(measured).sort());
  for (const [what, told] of Object.entries(measured))
    for (const [kind, quantity] of Object.entries(told)) {
      const counted = found[what as keyof typeof measured]![kind]!;
      expect(quantity, `${what}.${kind} was counted as ${counted}`).toBeGreaterThanOrEqual(counted);
      expect(quantity, `${what}.${kind} was counted as ${counted}`).toBeLessThanOrEqual(counted * 1.25 + 1);
    }
});

/** A request of an ambassador in the portal, over what its pages ask for. */
async function apiRequest(email: string): Promise<Record<string, number>> {
  const person = (await findPersonByEmail(world.ctx(), email))!;
  const { cookie, writes } = openSession(world.ctx(), person.profile.personId as never, person.access.accessVersion);
  await transact(world.table, writes);
  const headers = { cookie: `${sessionCookie(world.ctx().publicOrigin).name}=${cookie}` };
  const api = createApi(world.runtime);
  const paths = ["/api/me", "/api/me/orders", "/api/me/commissions", "/api/me/balances", "/api/me/codes"];
  const tally = await taken(async () => {
    for (const path of paths) expect((await api.request(path, { headers })).status).toBe(200);
  });
  const { writes: written, reads } = units(tally);
  return { writes: written / paths.length, reads: reads / paths.length };
}

const putsOf = (input: Wire): Wire[] =>
  input.Item ? [input.Item] : (input.TransactItems ?? []).flatMap(({ Put }: Wire) => (Put ? [Put.Item] : []));

/** Each item and each entry of an index takes 100 bytes beside its own: what DynamoDB counts as stored. */
function bytesOf(items: readonly Wire[]): { kept: number; passing: number } {
  const size = (item: Wire) => sizeOf(item) + 100 + indexEntries(item).reduce((sum, { bytes }) => sum + bytes + 100, 0);
  const sum = (some: readonly Wire[]) => some.reduce((total, item) => total + size(item), 0);
  return {
    kept: sum(items.filter((item) => !item.expiresAtEpochS)),
    passing: sum(items.filter((item) => item.expiresAtEpochS)),
  };
}
