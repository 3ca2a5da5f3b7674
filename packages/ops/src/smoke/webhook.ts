import Stripe from "stripe";
import { type Check, LeftOut } from "./check.ts";
import { jsonOf, must, problemOf, type Site } from "./site.ts";

/** A connection to try; without a secret only refusals can be seen. */
export interface Tried {
  provider: string;
  id: string;
  secret: string | undefined;
}

/** An event of a kind that no checkout knows: it is kept like any other, told as ignored, and changes nothing. */
const harmless = (): string =>
  JSON.stringify({
    id: `evt_smoke${Date.now()}`,
    object: "event",
    api_version: "2026-10-28.endive",
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    type: "laurel.smoke_test",
    data: { object: { id: "smoke", object: "smoke" } },
  });

const post = (site: Site, path: string, body: string, headers: Record<string, string> = {}) =>
  site.ask(path, { method: "POST", body, headers: { "content-type": "application/json; charset=utf-8", ...headers } });

export const webhookChecks = (tried: Tried | undefined): readonly Check[] => {
  const path = `/webhooks/${tried?.provider}/${tried?.id}`;
  const needConnection = () => {
    if (!tried) throw new LeftOut("say which connection: --connection con_…");
  };
  return [
    {
      name: "webhooks: an unknown connection is a problem, and only POST is taken",
      run: async (site) => {
        const unknown = "/webhooks/stripe/con_00000000000000000000000000";
        must(problemOf(await post(site, unknown, harmless()), 404) === "not_found", "the code is not not_found");
        const got = await site.ask(unknown);
        problemOf(got, 405);
        must(got.headers.get("allow") === "POST", `allow is ${got.headers.get("allow")}`);
        return undefined;
      },
    },
    {
      name: "webhooks: what is not signed, or by somebody else, is refused",
      run: async (site) => {
        needConnection();
        const body = harmless();
        const refused = tried!.provider === "stripe" ? 400 : 401;
        must(
          problemOf(await post(site, path, body), refused) === "webhook.signature",
          "the code is not webhook.signature",
        );
        if (tried!.provider !== "stripe") return "without a signature alone";
        const forged = await signature(body, "whsec_somebody_elses");
        problemOf(await post(site, path, body, { "stripe-signature": forged }), refused);
        return undefined;
      },
    },
    {
      name: "webhooks: a signed event is taken, byte for byte",
      run: async (site) => {
        needConnection();
        if (tried!.provider !== "stripe") throw new LeftOut("signs events as Stripe does; send a test from the shop");
        if (!tried!.secret) throw new LeftOut("needs the signing secret: LAUREL_WEBHOOK_SECRET or --secret-from-stdin");
        // Letters and spacing that a well-meant reformatting would change.
        const body = harmless().replace('"smoke"', '"smoke \\u00fc ü 🌿"  ');
        const { status, text } = await post(site, path, body, {
          "stripe-signature": await signature(body, tried!.secret),
        });
        must(status === 200, `answered ${status}: ${String(jsonOf(text).code)}`);
        must(jsonOf(text).received === true, "was not received");
        return "kept as an ignored event";
      },
    },
  ];
};

const signature = (payload: string, secret: string): Promise<string> =>
  Stripe.webhooks.generateTestHeaderStringAsync({ payload, secret });
