import { recordClick } from "@laurel/core/click/record.ts";
import { AccessEntity, AnswersEntity, ProfileEntity } from "@laurel/core/person";
import { cachedProgram } from "@laurel/core/program";
import { SessionEntity } from "@laurel/core/session";
import { SignInEntity } from "@laurel/core/sign-in";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createRedirect } from "../functions/redirect.ts";
import {
  ambassador,
  event,
  openCheckout,
  purchase,
  refund,
  session,
  withCode,
  withEmail,
} from "../packages/local/testing/checkout.ts";
import { openWorld, type World } from "../packages/local/testing/index.ts";
import { runtimeOn, wrapped } from "../packages/local/testing/wrap.ts";
import { permitted } from "./permitted.testing.ts";
import { type Synth, synth } from "./synth.testing.ts";

/** The receiver of webhooks and the redirect, run under the rights that their roles have in the template. */
const watched = ["webhook", "redirect"] as const;
type Watched = (typeof watched)[number];

let world: World;
let deployed: Synth;
let judges: Record<Watched, ReturnType<typeof permitted>>;
const denied: string[] = [];

const under = (name: Watched) =>
  runtimeOn(
    world.runtime,
    wrapped(world.table, async (call, send) => {
      denied.push(...judges[name].denied(call).map((what) => `${name} may not ${what}`));
      return send();
    }),
  );

beforeAll(async () => {
  deployed = await synth();
  const statementsOf = (name: Watched) => deployed.functions.find((each) => each.name === name)!.statements;
  judges = Object.fromEntries(watched.map((name) => [name, permitted(statementsOf(name))])) as typeof judges;
  world = await openWorld();
}, 60_000);
afterAll(async () => {
  await world.close();
  deployed.dispose();
});

test("whatever a shop tells, its receiver may do what it does", async () => {
  const anna = await ambassador(world, "Anna");
  const checkout = openCheckout(world, under("webhook"));
  const now = () => world.clock.now();
  const paid = (object: Parameters<typeof session>) => event("checkout.session.completed", session(...object), now());

  const byCode = purchase(now());
  const sale = paid([byCode, { ...withCode(anna.promotionCodeId), ...withEmail("buyer@example.com") }]);
  await checkout.tell(sale);
  await checkout.tell(sale);
  const click = await recordClick(world.ctx(), { code: anna.code, ambassadorId: anna.id });
  await checkout.tell(paid([purchase(now()), { client_reference_id: click }]));
  await checkout.tell(paid([purchase(now()), withEmail("buyer@example.com")]));
  await checkout.tell(paid([purchase(now()), withCode("promo_nobody")]));
  await checkout.tell(event("refund.created", refund(byCode, 2_000), now()));
  // The refund of a sale that has not been told of yet, and then the sale.
  const later = purchase(now());
  await checkout.tell(event("refund.created", refund(later, 1_000), now()));
  await checkout.tell(paid([later, withCode(anna.promotionCodeId)]));
  await checkout.tell(event("customer.created", { id: "cus_1", object: "customer" }, now()));
  await checkout.post("{}", { "stripe-signature": "t=1,v1=0" });
  await checkout.post("{}", {}, "/webhooks/stripe/conn_nobody");

  await cachedProgram(under("webhook").table).get();
  expect(denied).toEqual([]);
  // What waited for something is deleted when that has come, which these sales do not meet.
  const unused = judges.webhook.granted().filter((grant) => !judges.webhook.used().includes(grant));
  expect(unused.filter((grant) => grant !== "dynamodb:DeleteItem")).toEqual([]);
});

test("whatever is sent to the receiver of webhooks, it signs nobody in and changes no person and no rule", () => {
  const { denied: refused } = judges.webhook;
  const key = (pk: string) => ({ Key: { pk, sk: "x" } });
  const put = (pk: string) => ({ Item: { pk, sk: "x" } });
  // What signs somebody in, or is personal, by the keys that it really has: a rule about others would forbid nothing.
  const person = "PERSON#per_1";
  const its = { personId: "per_1", hash: "0", id: "sgn_1", applicationId: "app_1" };
  const kinds: unknown[] = [SessionEntity, SignInEntity, AnswersEntity, ProfileEntity, AccessEntity];
  for (const kind of kinds as (typeof SessionEntity)[])
    expect(kind.get(its).params({ table: "table" })).toMatchObject({ Key: { pk: person } });
  for (const pk of [person, "EMAIL#1", "PROGRAM"]) {
    expect(refused({ name: "Put", input: put(pk) })).toHaveLength(1);
    expect(refused({ name: "TransactWrite", input: { TransactItems: [{ Put: put(pk) }] } })).toHaveLength(1);
    expect(refused({ name: "Delete", input: key(pk) })).toHaveLength(1);
  }
  expect(refused({ name: "Update", input: key(person) })).toHaveLength(1);
  expect(refused({ name: "Query", input: { ExpressionAttributeValues: { ":pk": person } } })).toHaveLength(1);
  const some = { RequestItems: { table: { Keys: [{ pk: "ORDER#1" }, { pk: person }] } } };
  expect(refused({ name: "BatchGet", input: some })).toHaveLength(1);
});

test("the redirect reads codes and the program, writes clicks, and may do nothing else", async () => {
  const anna = await ambassador(world, "Berta");
  const redirect = createRedirect(under("redirect"));
  const go = (path: string) => redirect.request(path, { headers: { "user-agent": "Mozilla/5.0 (X11; Linux x86_64)" } });
  const { headers } = await go(`/r/${anna.code}`);
  expect(headers.get("location")).toContain("laurel_click=");
  await go("/r/NOBODY");
  await go("/r");
  expect(denied).toEqual([]);
  expect(judges.redirect.used()).toEqual(judges.redirect.granted());

  const { denied: refused } = judges.redirect;
  const key = (pk: string) => ({ Key: { pk, sk: "x" } });
  expect(refused({ name: "Get", input: key("PERSON#1") })).toHaveLength(1);
  expect(refused({ name: "Get", input: key("SESSION#1") })).toHaveLength(1);
  expect(refused({ name: "Put", input: { Item: { pk: "CODE#ANNA10", sk: "CODE" } } })).toHaveLength(1);
  expect(refused({ name: "Update", input: key("CLICK#1") })).toHaveLength(1);
  expect(refused({ name: "Delete", input: key("CLICK#1") })).toHaveLength(1);
  expect(refused({ name: "Query", input: { ExpressionAttributeValues: { ":pk": "CODE#ANNA10" } } })).toHaveLength(1);
});
