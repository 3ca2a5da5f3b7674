import { createHmac } from "node:crypto";
import { expect } from "vitest";
import { makeOwnerLink } from "../../../ops/src/owner-link/owner-link.ts";
import type { UrlRequest } from "../lambda.ts";
import { type Caller, signIn } from "./caller.ts";
import type { Cloud } from "./cloud.ts";

/** A program that was just set up: somebody owns it, and it sells through a checkout. */
export interface Begun {
  owner: Caller;
  email: string;
  /** What signed the owner in. */
  token: string;
  connectionId: string;
}

/** The first steps, as a person takes them: the link of a command, then the checkout's key in the portal. */
export async function begin(cloud: Cloud, owner = { email: "olga@example.com", name: "Olga Owner" }): Promise<Begun> {
  const link = await makeOwnerLink(
    cloud.runtime.context({ kind: "system", name: "owner-link" }),
    { ...owner, brand: "Fjell", currency: "EUR", "time-zone": "Europe/Berlin", shop: "https://shop.example/" },
    { say: () => {} },
  );
  const token = new URLSearchParams(new URL(link).hash.slice(1)).get("token")!;
  const signedIn = await signIn(cloud, { token });
  const { id } = await signedIn.post<{ id: string }>("/api/connections", {
    provider: "stripe",
    apiKey: cloud.stripe.apiKey,
  });
  await cloud.settle();
  expect(await signedIn.get(`/api/connections/${id}`)).toMatchObject({ state: "active" });
  return { owner: signedIn, email: owner.email, token, connectionId: id };
}

/** What is kept for a connection, as the store has it. */
export const secretsOf = ({ ssm }: Cloud, connectionId: string): { apiKey: string; webhookSecrets: string[] } =>
  JSON.parse(ssm.parameters.get(`/laurel/prod/connections/${connectionId}`)!.Value);

/** A signed webhook of Stripe's. */
export function stripeHook(
  cloud: Cloud,
  connectionId: string,
  body: string | Uint8Array,
  [secret]: string[] = secretsOf(cloud, connectionId).webhookSecrets,
): UrlRequest {
  const at = Math.floor(Date.now() / 1000);
  const mac = createHmac("sha256", secret!).update(`${at}.`).update(body).digest("hex");
  return {
    method: "POST",
    path: `/webhooks/stripe/${connectionId}`,
    headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": `t=${at},v1=${mac}` },
    body,
    secret: cloud.originSecret,
  };
}
