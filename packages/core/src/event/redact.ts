/**
 * The payload for people to look at: what the provider itself says stays, everything that may come from or say something about
 * a buyer is blacked out, its place is not. It works by what is known to be harmless, so that a field that is new or that a
 * merchant made up is hidden rather than shown. Walks without recursion, because a payload may be nested deeper than the stack.
 */
export function redact(body: Uint8Array): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return null;
  }
  const root: Place = { value: undefined };
  const work: { from: unknown; to: Place; key: string; depth: number }[] = [
    { from: parsed, to: root, key: "value", depth: 0 },
  ];
  for (let seen = 0; work.length > 0; seen++) {
    const { from, to, key, depth } = work.pop()!;
    if (seen > maxNodes || depth > maxDepth) to[key] = "…";
    else if (from === null || typeof from !== "object") to[key] = isHarmless(key, from) ? from : hidden;
    else {
      // A null prototype takes a key such as __proto__ as any other.
      const copy: Place = Array.isArray(from) ? ([] as never) : Object.create(null);
      to[key] = copy;
      for (const [name, value] of Object.entries(from)) {
        const shown = Array.isArray(from) || /^[a-z0-9_]{1,64}$/.test(name) ? name : hidden;
        if (value !== null && personal.test(name)) copy[shown] = hidden;
        else {
          copy[shown] = undefined;
          work.push({ from: value, to: copy, key: shown, depth: depth + 1 });
        }
      }
    }
  }
  return root.value;
}

type Place = Record<string, unknown>;

const hidden = "•••";
const maxNodes = 20_000;
const maxDepth = 40;

/** What says something about a buyer or is theirs to write, wherever it stands and whatever it holds. */
const personal =
  /email|phone|address|name|postal|country|^(state|city|line\d|ip|user_agent|tax_ids?|metadata|description|custom_fields|customer_details|collected_information|payment_method_details|payment_method_data|source|sources|evidence|individual|card|last4|fingerprint|iban|dob|birth.*|gender|shipping|shipping_details|billing_details|billing|meta_data|note_attributes|properties|client_details|client_secret|receipt_number|statement_descriptor.*)$|url$|invoice_pdf|secret/;

/** Fields whose text is a word of the provider's own. */
const words = new Set(
  "object type status currency mode payment_status reason failure_reason api_version billing_reason source_currency presentment_currency ui_mode locale submit_type customer_creation payment_method_collection category duration financial_status fulfillment_status kind currency_code value_type target_type source_name discount_type created_via".split(
    " ",
  ),
);

/** Ids of the provider, and a click's. */
const id =
  /^(acct|ca|ch|clk|cs|cus|di|dp|du|evt|fee|il|in|inpay|pi|plink|pm|po|price|prod|promo|py|pyr|re|req|seti|si|sub|tr|txn|txr)_((test|live)_)?[A-Za-z0-9]{1,100}$/;

/** `async_payment.failed`, `EUR`, `en-GB`, `2026-10-28.endive`. */
const word =
  /^([a-z][a-z0-9]{0,19}([_.][a-z0-9_]{1,30}){0,5}|[A-Za-z]{2,3}(-[A-Za-z]{2,4})?|\d{4}-\d\d-\d\d(\.[a-z]+)?)$/;

/** Amounts and times as shops write them: as text. */
const figure = /^-?\d{1,15}(\.\d{1,10})?$/;
const figures = /(^|_)(amount|price|total|subtotal|tax|discount|discounts)(_|$)/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/;
const times = /(_at|_gmt)$|^date_/;

function isHarmless(key: string, value: unknown): boolean {
  if (typeof value !== "string") return true;
  if (figures.test(key) && figure.test(value)) return true;
  if (times.test(key) && time.test(value)) return true;
  if (id.test(value)) return true;
  return words.has(key) && word.test(value);
}
