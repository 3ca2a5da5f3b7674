import type Stripe from "stripe";
import * as z from "zod";
import type { Desk } from "./desk.ts";
import { boolean, decimal, expand, metadata, page, text } from "./form.ts";
import { pageOf } from "./list.ts";
import { missing, refuse } from "./refusal.ts";

export const CreateTaxRate = z.strictObject({
  display_name: text(50),
  percentage: decimal,
  inclusive: boolean,
  country: text(2).optional(),
  description: text(500).optional(),
  metadata: metadata.optional(),
  expand,
});

export function createTaxRate(desk: Desk, params: z.output<typeof CreateTaxRate>): Stripe.TaxRate {
  if (params.percentage > 100) refuse("Invalid percentage: must be at most 100", { param: "percentage" });
  const rate: Stripe.TaxRate = {
    id: desk.newId("txr_1"),
    object: "tax_rate",
    active: true,
    country: params.country ?? null,
    created: desk.nowS,
    description: params.description ?? null,
    display_name: params.display_name,
    effective_percentage: null,
    flat_amount: null,
    inclusive: params.inclusive,
    jurisdiction: null,
    jurisdiction_level: null,
    livemode: false,
    metadata: params.metadata ?? {},
    percentage: params.percentage,
    rate_type: null,
    state: null,
    tax_type: null,
  };
  desk.store.put(desk.account, rate);
  return rate;
}

export const getTaxRate = (desk: Desk, id: string, param?: string): Stripe.TaxRate =>
  desk.store.get<Stripe.TaxRate>(desk.account, "tax_rate", id) ?? missing("tax rate", id, param);

export const ListTaxRates = z.strictObject({ ...page, active: boolean.optional(), inclusive: boolean.optional() });
export const listTaxRates = (desk: Desk, params: z.output<typeof ListTaxRates>) =>
  pageOf<Stripe.TaxRate>(desk, "tax_rate", "/v1/tax_rates", params, [
    ["json_extract(data, '$.active') = ?", params.active === undefined ? undefined : Number(params.active)],
    ["json_extract(data, '$.inclusive') = ?", params.inclusive === undefined ? undefined : Number(params.inclusive)],
  ]);
