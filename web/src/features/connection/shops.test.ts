import { readFileSync } from "node:fs";
import { ConnectCheckout } from "@laurel/contract";
import { describe, expect, it } from "vitest";
import { shopWords } from "./shop-words.ts";
import { shopScripts } from "./snippets.ts";

const docs = readFileSync(new URL("../../../../docs/shop-script.md", import.meta.url), "utf8");

describe("the snippets of the portal", () => {
  it.each(Object.entries(shopScripts))("for %s stand in the documentation, word for word", (_, { steps }) => {
    expect(steps.length).toBeGreaterThan(0);
    for (const { code } of steps) expect(docs).toContain(`\n${code}\n\`\`\``);
  });
});

describe("what a shop is connected by", () => {
  const right = {
    shopify: {
      shopUrl: "example.myshopify.com",
      apiKey: "shpat_0123456789abcdef",
      clientSecret: "shpss_0123456789abcdef",
    },
    woocommerce: {
      shopUrl: "https://shop.example",
      consumerKey: "ck_0123456789abcdef",
      consumerSecret: "cs_0123456789abcdef",
    },
  };
  const wrongOf = (provider: "shopify" | "woocommerce", values: Record<string, string>) =>
    shopWords[provider].fields.filter(({ name, wrong }) => wrong(values[name] ?? "")).map(({ name }) => name);

  it.each(["shopify", "woocommerce"] as const)("is let through for %s where the API takes it", (provider) => {
    expect(ConnectCheckout.safeParse({ provider, ...right[provider] }).success).toBe(true);
    expect(wrongOf(provider, right[provider])).toEqual([]);
    expect(wrongOf(provider, {})).toEqual(Object.keys(right[provider]));
  });

  it("is told apart where somebody took the other of two", () => {
    const { shopUrl, apiKey, clientSecret } = right.shopify;
    expect(wrongOf("shopify", { shopUrl, apiKey: clientSecret, clientSecret: apiKey })).toEqual([
      "apiKey",
      "clientSecret",
    ]);
    expect(wrongOf("shopify", { ...right.shopify, shopUrl: "shop.example" })).toEqual(["shopUrl"]);
    expect(wrongOf("woocommerce", { ...right.woocommerce, shopUrl: "http://shop.example" })).toEqual(["shopUrl"]);
  });
});
