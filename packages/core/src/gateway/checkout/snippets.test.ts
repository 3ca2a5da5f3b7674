import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Connection } from "../../connection/index.ts";
import type { Purchase, Several } from "../../order/fact.ts";
import { shopifyFactOf } from "../shopify/facts.ts";
import { shopifyOrder } from "../shopify/samples.testing.ts";
import { wooFactOf } from "../woocommerce/facts.ts";
import { wooOrder } from "../woocommerce/samples.testing.ts";

/* What the shop script and the documented snippets write down is what is read. */

const read = (path: string) => readFileSync(new URL(`../../../../../${path}`, import.meta.url), "utf8");
const [a, b] = ["clk_01hzy3v8k2e8mbd3fwq6c5t9xa", "clk_01hzy3v8k2e8mbd3fwq6c5t9xb"];
const event = (type: string, body: unknown) => ({
  type,
  rawBody: Buffer.from(JSON.stringify(body)),
  receivedAt: new Date("2026-07-01T10:00:00Z"),
});
const connection = (provider: "shopify" | "woocommerce"): Connection => ({
  id: "con_1",
  provider,
  name: "A shop",
  livemode: true,
  namespace: "a",
});

test("Shopify's cart attributes", () => {
  const [, names = ""] = /attributes: \{ (.+?) \}/.exec(read("web/public/laurel.js")) ?? [];
  const [last, first] = names.split(", ").map((each) => each.split(":")[0]!);
  const note_attributes = [
    { name: first, value: a },
    { name: last, value: b },
  ];
  const fact = shopifyFactOf(
    connection("shopify"),
    event("orders/paid", shopifyOrder({ note_attributes, landing_site: "/" })),
  );
  expect((fact as Purchase).signals).toMatchObject({ clickId: b, earlierClickIds: [a] });
});

test("WooCommerce's order meta, as the snippet writes it", () => {
  const keys = [...read("docs/shop-script.md").matchAll(/update_meta_data\( '(\w+)'/g)].map(([, key]) => key);
  expect(keys).toHaveLength(2);
  const meta_data = [
    { key: keys[0], value: a },
    { key: keys[1], value: b },
  ];
  const fact = wooFactOf(connection("woocommerce"), event("order.created", wooOrder({ meta_data }))) as Several;
  expect((fact.facts[0] as Purchase).signals).toMatchObject({ clickId: b, earlierClickIds: [a] });
});
