import type { SQLInputValue } from "node:sqlite";
import type { Desk } from "./desk.ts";
import { missing, refuse } from "./refusal.ts";
import type { ApiObject } from "./store.ts";

export interface PageParams {
  limit?: number | undefined;
  starting_after?: string | undefined;
  ending_before?: string | undefined;
  created?:
    | number
    | { gt?: number | undefined; gte?: number | undefined; lt?: number | undefined; lte?: number | undefined }
    | undefined;
}

/** A page of objects, newest first. @param where equality on top-level fields of the object */
export function pageOf<T extends ApiObject>(
  desk: Desk,
  kind: T["object"],
  url: string,
  params: PageParams,
  where: [string, SQLInputValue | undefined][] = [],
): { object: "list"; url: string; has_more: boolean; data: T[] } {
  const { account, store } = desk;
  const limit = params.limit ?? 10;
  const conditions = where.filter((each): each is [string, SQLInputValue] => each[1] !== undefined);
  const seqOf = (id: string, param: string) => store.seqOf(account, kind, id) ?? missing(kind, id, param);
  if (params.starting_after) conditions.push(["seq < ?", seqOf(params.starting_after, "starting_after")]);
  if (params.ending_before) conditions.push(["seq > ?", seqOf(params.ending_before, "ending_before")]);
  const bounds =
    typeof params.created === "number" ? { gte: params.created, lte: params.created } : (params.created ?? {});
  for (const [name, sign] of [
    ["gt", ">"],
    ["gte", ">="],
    ["lt", "<"],
    ["lte", "<="],
  ] as const)
    if (bounds[name] !== undefined) conditions.push([`json_extract(data, '$.created') ${sign} ?`, bounds[name]]);
  const oldestFirst = params.ending_before !== undefined;
  const found = store.list<T>(account, kind, conditions, { limit: limit + 1, oldestFirst });
  const data = found.slice(0, limit);
  return { object: "list", url, has_more: found.length > limit, data: oldestFirst ? data.reverse() : data };
}

/** Replaces ids by the objects that they name, along paths such as `data.payment_intent.latest_charge`. */
export function expanded<T>(desk: Desk, answer: T, paths: string[] | undefined): T {
  if (!paths?.length) return answer;
  const copy = structuredClone(answer) as Record<string, unknown>;
  for (const path of paths) walk(desk, copy, path.split("."), path);
  return copy as T;
}

const kindOfPrefix: [string, string][] = [
  ["pi_", "payment_intent"],
  ["ch_", "charge"],
  ["re_", "refund"],
  ["promo_", "promotion_code"],
  ["di_", "discount"],
  ["in_", "invoice"],
];

const kindOfId = (id: string): string | undefined => kindOfPrefix.find(([prefix]) => id.startsWith(prefix))?.[1];

function walk(desk: Desk, here: unknown, [head, ...rest]: string[], whole: string): void {
  if (head === undefined || here === null || here === undefined) return;
  if (Array.isArray(here)) {
    for (const each of here) walk(desk, each, [head, ...rest], whole);
    return;
  }
  const object = here as Record<string, unknown>;
  if (object.object === "checkout.session" && head === "line_items" && object.line_items === undefined)
    object.line_items = desk.store.hidden<{ lines: unknown }>(
      desk.account,
      "checkout.session",
      object.id as string,
    )?.lines;
  if (object.object === "invoice" && head === "payments")
    object.payments ??= pageOf(desk, "invoice_payment", "/v1/invoice_payments", {}, [
      ["json_extract(data, '$.invoice') = ?", object.id as string],
    ]);
  if (object.object === "charge" && head === "refunds")
    object.refunds ??= pageOf(desk, "refund", `/v1/charges/${object.id}/refunds`, {}, [
      ["json_extract(data, '$.charge') = ?", object.id as string],
    ]);
  const value = object[head];
  const named = (id: unknown) =>
    typeof id === "string" ? (desk.store.get(desk.account, kindOfId(id) ?? cannotExpand(head, whole), id) ?? id) : id;
  if (Array.isArray(value)) object[head] = value.map(named);
  if (value === undefined && head !== "breakdown") cannotExpand(head, whole);
  if (typeof value === "string") {
    const kind = head === "coupon" ? "coupon" : kindOfId(value);
    object[head] = desk.store.get(desk.account, kind ?? cannotExpand(head, whole), value) ?? value;
  }
  walk(desk, object[head], rest, whole);
}

const cannotExpand = (head: string, whole: string): never =>
  refuse(
    `This property cannot be expanded (${head}). You may want to try expanding another property than '${whole}'.`,
    { param: "expand" },
  );
