import type { Json, ShopStore } from "../shops/store.ts";
import type { Root } from "./query.ts";

/** A shop of the stand-in, with the one app that is installed in it. */
export interface Shop {
  /** `example.myshopify.com` */
  domain: string;
  shopId: number;
  name: string;
  token: string;
  /** The app's client secret; while it is being rolled the older one still signs for an hour. */
  clientSecret: string;
  currency: string;
  scopes: string[];
  /** Where the three topics about personal data go: that is part of the app, not of a subscription. */
  complianceUrl?: string | undefined;
}

type UserError = { field: string[] | null; code?: string; message: string };
type Resolver = (store: ShopStore, shop: Shop, args: Record<string, unknown>) => unknown;

/** An error beside the data: of the request, not of what was asked for. */
export class QueryError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export function resolve(store: ShopStore, shop: Shop, roots: Root[]): Json {
  const data: Json = {};
  for (const { name, args } of roots) {
    const resolver = resolvers[name];
    if (!resolver) throw new QueryError("undefinedField", `Field '${name}' doesn't exist on type 'QueryRoot'`);
    data[name] = resolver(store, shop, args);
  }
  return data;
}

const allowed = (shop: Shop, scope: string): void => {
  if (!shop.scopes.includes(scope))
    throw new QueryError("ACCESS_DENIED", `Access denied. Required access: \`${scope}\` access scope.`);
};

const resolvers: Record<string, Resolver> = {
  shop: (_, shop) => ({
    id: `gid://shopify/Shop/${shop.shopId}`,
    name: shop.name,
    myshopifyDomain: shop.domain,
    currencyCode: shop.currency,
    plan: { partnerDevelopment: false },
  }),
  currentAppInstallation: (_, { scopes }) => ({ accessScopes: scopes.map((handle) => ({ handle })) }),
  codeDiscountNodeByCode: (store, shop, { code }) => {
    allowed(shop, "write_discounts");
    return byCode(store, shop, String(code)) ?? null;
  },
  codeDiscountNode: (store, shop, { id }) => {
    allowed(shop, "write_discounts");
    return store.get(shop.domain, "discount", String(id)) ?? null;
  },
  discountCodeBasicCreate: (store, shop, { basicCodeDiscount }) => {
    allowed(shop, "write_discounts");
    return createDiscount(store, shop, (basicCodeDiscount ?? {}) as Json);
  },
  discountCodeActivate: (store, shop, { id }) => switchDiscount(store, shop, String(id), "ACTIVE"),
  discountCodeDeactivate: (store, shop, { id }) => switchDiscount(store, shop, String(id), "EXPIRED"),
  webhookSubscriptions: (store, shop) => ({ nodes: store.list(shop.domain, "hook") }),
  webhookSubscriptionCreate: (store, shop, { topic, webhookSubscription }) =>
    createHook(store, shop, String(topic), (webhookSubscription ?? {}) as Json),
  webhookSubscriptionDelete: (store, shop, { id }) => {
    if (!store.get(shop.domain, "hook", String(id)))
      return { userErrors: [{ field: ["id"], message: "Webhook subscription does not exist" }] };
    store.remove(shop.domain, "hook", String(id));
    return { userErrors: [] };
  },
};

interface Discount extends Json {
  id: string;
  codeDiscount: { title: string; status: string; codes: { nodes: { code: string }[] }; percentage: number };
}

const textOf = (node: Discount): string => node.codeDiscount.codes.nodes[0]!.code;

/** Shopify tells codes apart without regard to case, whether or not they are switched on. */
export const byCode = (store: ShopStore, shop: Shop, code: string): Discount | undefined =>
  store.list<Discount>(shop.domain, "discount").find((node) => textOf(node).toLowerCase() === code.toLowerCase());

function createDiscount(store: ShopStore, shop: Shop, input: Json): Json {
  const errors: UserError[] = [];
  const wrong = (field: string, code: string, message: string) =>
    errors.push({ field: ["basicCodeDiscount", field], code, message });
  const code = String(input.code ?? "");
  const gets = (input.customerGets ?? {}) as { value?: { percentage?: unknown }; items?: { all?: unknown } };
  const percentage = gets.value?.percentage;
  if (String(input.title ?? "").trim() === "") wrong("title", "BLANK", "Title can't be blank");
  if (String(input.title ?? "").length > 255)
    wrong("title", "TOO_LONG", "Title is too long (maximum is 255 characters)");
  if (code.trim() === "") wrong("code", "BLANK", "Code can't be blank");
  else if (code.length > 255) wrong("code", "TOO_LONG", "Code is too long (maximum is 255 characters)");
  else if (/[\n\r]/.test(code)) wrong("code", "INVALID", "Code cannot contain newline characters.");
  else if (byCode(store, shop, code)) wrong("code", "TAKEN", "Code must be unique. Please try a different code.");
  if (typeof percentage !== "number" || percentage <= 0 || percentage > 1)
    wrong("customerGets", "VALUE_OUTSIDE_RANGE", "Value must be between 0.0 and 1.0");
  if (gets.items?.all !== true) wrong("customerGets", "BLANK", "Items in 'customer get' must be defined");
  if ((input.context as Json | undefined)?.all !== "ALL") wrong("context", "BLANK", "Context can't be blank");
  if (Number.isNaN(Date.parse(String(input.startsAt)))) wrong("startsAt", "BLANK", "Starts at can't be blank");
  if (errors.length > 0) return { codeDiscountNode: null, userErrors: errors };
  const id = `gid://shopify/DiscountCodeNode/${store.nextId(1_057_000_000)}`;
  const node: Discount = {
    id,
    codeDiscount: {
      __typename: "DiscountCodeBasic",
      title: String(input.title),
      status: "ACTIVE",
      codes: { nodes: [{ code }] },
      percentage: percentage as number,
    } as Discount["codeDiscount"],
  };
  store.put(shop.domain, "discount", id, node);
  return { codeDiscountNode: node, userErrors: [] };
}

function switchDiscount(store: ShopStore, shop: Shop, id: string, status: string): Json {
  allowed(shop, "write_discounts");
  const node = store.get<Discount>(shop.domain, "discount", id);
  if (!node)
    return {
      codeDiscountNode: null,
      userErrors: [{ field: ["id"], code: "INVALID", message: "Code discount does not exist." }],
    };
  const next = { ...node, codeDiscount: { ...node.codeDiscount, status } };
  store.put(shop.domain, "discount", id, next);
  return { codeDiscountNode: next, userErrors: [] };
}

function createHook(store: ShopStore, shop: Shop, topic: string, { uri, format }: Json): Json {
  const refuse = (message: string) => ({
    webhookSubscription: null,
    userErrors: [{ field: ["webhookSubscription", "uri"], message }],
  });
  if (!/^[A-Z_]+$/.test(topic) || /^(CUSTOMERS_REDACT|CUSTOMERS_DATA_REQUEST|SHOP_REDACT)$/.test(topic))
    throw new QueryError("argumentLiteralsIncompatible", `Argument 'topic' has an invalid value (${topic})`);
  if (format !== "JSON" || typeof uri !== "string" || !/^https?:\/\//.test(uri)) return refuse("Address is invalid");
  if (store.list(shop.domain, "hook").some((each) => each.topic === topic && each.uri === uri))
    return refuse("Address for this topic has already been taken");
  const id = `gid://shopify/WebhookSubscription/${store.nextId(4_759_000_000)}`;
  const hook = { id, topic, uri, format, failures: 0 };
  store.put(shop.domain, "hook", id, hook);
  return { webhookSubscription: hook, userErrors: [] };
}
