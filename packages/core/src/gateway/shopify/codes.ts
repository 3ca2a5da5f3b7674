import { type Json, objectAt, objectsAt, textAt } from "../checkout/json.ts";
import type { CheckoutCode, CheckoutGateway, Offer } from "../checkout/port.ts";
import { no } from "../checkout/refusal.ts";
import { mustBeDone, type Query, userErrorsOf } from "./client.ts";

/** Discount codes of a shop: https://shopify.dev/docs/api/admin-graphql/latest/mutations/discountCodeBasicCreate */

const kinds = ["DiscountCodeBasic", "DiscountCodeBxgy", "DiscountCodeFreeShipping", "DiscountCodeApp"];
const node = `id codeDiscount { __typename ${kinds.map((kind) => `... on ${kind} { title status codes(first: 1) { nodes { code } } }`).join(" ")} }`;

/** Before every shop, so that no clock decides whether a code has begun. */
const startsAt = "2020-01-01T00:00:00Z";

/**
 * A discount has no place for an app's notes that is written with it, so the title carries them, behind the campaign's name.
 * Buyers see the code and not the title.
 */
const titleOf = (offer: Offer, metadata: Record<string, string>): string =>
  `${offer.name.slice(0, 100)} (${Object.entries(metadata)
    .map(([key, value]) => `${key}=${value}`)
    .join(" ")})`;

function metadataOf(title: string): Record<string, string> {
  const [, notes = ""] = /\(((?:laurel_\w+=[\w-]+ ?)+)\)$/.exec(title) ?? [];
  return Object.fromEntries(notes.split(" ").flatMap((each) => (each ? [each.split("=", 2) as [string, string]] : [])));
}

function codeOf(found: Json | undefined, asked?: string): CheckoutCode | undefined {
  const discount = found && objectAt(found, "codeDiscount");
  const id = found && textAt(found, "id");
  if (!discount || !id) return undefined;
  const told = objectsAt(objectAt(discount, "codes") ?? {}, "nodes")[0]?.code;
  return {
    id,
    code: String(told ?? asked ?? "").toUpperCase(),
    active: discount.status === "ACTIVE",
    metadata: metadataOf(String(discount.title ?? "")),
  };
}

export async function findCode(query: Query, code: string): Promise<CheckoutCode | undefined> {
  const data = await query(`query($code: String!) { codeDiscountNodeByCode(code: $code) { ${node} } }`, { code });
  return codeOf(objectAt(data, "codeDiscountNodeByCode"), code);
}

export async function getCode(query: Query, id: string): Promise<CheckoutCode | undefined> {
  // An id may come from an event; what can be no id of a discount is one that Shopify does not know.
  if (!/^gid:\/\/shopify\/DiscountCodeNode\/\d{1,20}$/.test(id)) return undefined;
  const data = await query(`query($id: ID!) { codeDiscountNode(id: $id) { ${node} } }`, { id });
  return codeOf(objectAt(data, "codeDiscountNode"));
}

type Input = Parameters<CheckoutGateway["createCode"]>[1];

export async function createCode(query: Query, { code, offer, metadata }: Input): Promise<CheckoutCode> {
  const title = titleOf(offer, metadata);
  const data = await query(
    `mutation($discount: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $discount) { codeDiscountNode { ${node} } userErrors { field code message } } }`,
    {
      discount: {
        title,
        code,
        startsAt,
        context: { all: "ALL" },
        customerGets: { value: { percentage: offer.percentOff / 100 }, items: { all: true } },
        appliesOncePerCustomer: false,
      },
    },
  );
  const payload = objectAt(data, "discountCodeBasicCreate");
  if (userErrorsOf(payload).some((each) => each.code === "TAKEN")) {
    // Shopify has no idempotency keys: an answer that got lost leaves the code behind, with our notes on it.
    const there = await findCode(query, code);
    if (there && sameNotes(there.metadata, metadata)) return there;
  }
  mustBeDone(payload);
  return codeOf(objectAt(payload ?? {}, "codeDiscountNode"), code) ?? noCode();
}

const sameNotes = (a: Record<string, string>, b: Record<string, string>): boolean =>
  Object.keys(a).length > 0 && Object.entries(b).every(([key, value]) => a[key] === value);

const noCode = (): never => {
  throw no("shopify", "unclear", "Shopify answered without a discount code. Look at the shop's discounts.");
};

export async function setCodeActive(query: Query, id: string, active: boolean): Promise<CheckoutCode> {
  const mutation = active ? "discountCodeActivate" : "discountCodeDeactivate";
  const data = await query(
    `mutation($id: ID!) { ${mutation}(id: $id) { codeDiscountNode { ${node} } userErrors { field code message } } }`,
    { id },
  );
  const payload = objectAt(data, mutation);
  mustBeDone(payload);
  return codeOf(objectAt(payload ?? {}, "codeDiscountNode")) ?? noCode();
}
