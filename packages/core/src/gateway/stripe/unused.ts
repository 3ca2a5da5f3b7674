/** Why events of a kind change nothing, by how their type begins; the longest beginning counts. */
const reasons: Record<string, string> = {
  "account.": "What becomes of accounts is not used until commissions are paid out by Stripe.",
  "v2.core.account": "What becomes of accounts is not used until commissions are paid out by Stripe.",
  "capability.": "What becomes of accounts is not used until commissions are paid out by Stripe.",
  "transfer.": "Transfers are not used until commissions are paid out by Stripe.",
  "payout.": "Payouts are not used until commissions are paid out by Stripe.",
  "invoice.payment_failed": "No money came in. When the payment succeeds, that is told by itself.",
  "customer.": "A customer alone changes nothing; what is bought is told by itself.",
  "customer.subscription.": "What becomes of a subscription is told by its invoices.",
  "promotion_code.": "Only Laurel makes the codes of ambassadors, and it knows of them.",
  "coupon.": "Only Laurel makes the discounts of campaigns, and it knows of them.",
  "checkout.session.expired": "Nobody bought anything.",
  "payment_intent.": "What was bought is told by the checkout or by the invoice.",
  "charge.": "What was bought is told by the checkout or by the invoice.",
};

export function whyIgnored(type: string): string {
  const plain = type.replace(/^v1\./, "");
  const known = Object.keys(reasons)
    .filter((start) => plain.startsWith(start))
    .sort((a, b) => b.length - a.length)[0];
  return known ? reasons[known]! : `Events of type ${type} change nothing here.`;
}
