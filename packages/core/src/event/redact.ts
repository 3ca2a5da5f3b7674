/** What says something about a buyer, wherever it stands in a payload. */
const personal =
  /^(email|.*_email|name|.*_name|phone|.*_phone|address|line1|line2|city|postal_code|state|country|ip|ip_address|user_agent|tax_ids?|customer_details|shipping.*|billing.*|individual|card|last4|fingerprint|receipt_number|receipt_url|hosted_invoice_url|invoice_pdf|url|client_secret|metadata|custom_fields|description|statement_descriptor.*)$/;
const maxNodes = 20_000;

/**
 * The payload for people to look at: everything about the buyer is blacked out, its place is not.
 * Walks without recursion, because a payload may be nested deeper than the stack.
 */
export function redact(body: Uint8Array): unknown {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return null;
  }
  const root: { value: unknown } = { value: undefined };
  const work: { from: unknown; to: Record<string, unknown> | unknown[]; key: string | number; depth: number }[] = [];
  const place = (from: unknown, to: Record<string, unknown> | unknown[], key: string | number, depth: number) =>
    work.push({ from, to, key, depth });
  place(parsed, root as unknown as Record<string, unknown>, "value", 0);
  for (let seen = 0; work.length > 0; seen++) {
    const { from, to, key, depth } = work.pop()!;
    let copy: unknown;
    if (seen > maxNodes || depth > 40) copy = "…";
    else if (Array.isArray(from)) {
      copy = [];
      for (const [at, value] of from.entries()) place(value, copy as unknown[], at, depth + 1);
    } else if (from !== null && typeof from === "object") {
      // A null prototype takes a key such as __proto__ as any other.
      copy = Object.create(null);
      for (const [name, value] of Object.entries(from))
        if (personal.test(name) && value !== null) (copy as Record<string, unknown>)[name] = "•••";
        else place(value, copy as Record<string, unknown>, name, depth + 1);
    } else copy = typeof from === "string" && /@/.test(from) ? "•••" : from;
    (to as Record<string | number, unknown>)[key] = copy;
  }
  return root.value;
}
