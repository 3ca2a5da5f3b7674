import type Stripe from "stripe";
import { AppError } from "../../kernel/errors.ts";
import type { SecretsGateway } from "../secrets/port.ts";
import { createStripeLookUp, forAccount } from "./look-up.ts";
import type { CouponSpec, OfConnection, PromotionCode, StripeGateway } from "./port.ts";
import { asAppError, isLockedOut, refusalCode } from "./refusal.ts";
import { createStripeSetup } from "./setup.ts";
import { verifySignature } from "./signature.ts";

const timeoutMs = 10_000;

/**
 * Stripe through its own SDK. The SDK is loaded at the first call and there is one client for each API key, so that
 * connections are kept open and a rolled key takes effect as soon as the secrets give it.
 * @param apiBase only for a stand-in, such as http://127.0.0.1:12111; Stripe itself otherwise
 */
export function createStripeGateway({
  secrets,
  apiBase,
}: {
  secrets: Pick<SecretsGateway, "ofConnection" | "refresh">;
  apiBase?: string | undefined;
}): StripeGateway {
  const clients = new Map<string, Promise<Stripe>>();

  async function clientOf(apiKey: string): Promise<Stripe> {
    let client = clients.get(apiKey);
    if (!client) {
      client = openClient(apiKey, apiBase);
      clients.set(apiKey, client);
      client.catch(() => clients.delete(apiKey));
    }
    return client;
  }

  async function ask<T>(connectionId: string, question: (stripe: Stripe) => Promise<T>): Promise<T> {
    const { apiKey } = await secrets.ofConnection(connectionId);
    try {
      return await question(await clientOf(apiKey));
    } catch (error) {
      // A key that was rolled since it was read is no reason to give anything up.
      const fresh = isLockedOut(error) ? (await secrets.refresh(connectionId)).apiKey : apiKey;
      if (fresh === apiKey) throw asAppError(error);
      return await question(await clientOf(fresh)).catch((again) => {
        throw asAppError(again);
      });
    }
  }

  return {
    ...createStripeLookUp(ask),

    ensureCoupon: (of, spec) =>
      ask(of.id, async (stripe) => {
        if (await couponExists(stripe, of, spec)) return;
        try {
          // Stripe keeps at most 40 characters of a coupon's name.
          await stripe.coupons.create(
            { id: spec.id, name: spec.name.slice(0, 40), percent_off: spec.percentOff, duration: "once" },
            forAccount(of),
          );
        } catch (error) {
          // Somebody else was quicker, or an answer of ours got lost: what counts is what is there now.
          if (refusalCode(error) !== "resource_already_exists" || !(await couponExists(stripe, of, spec))) throw error;
        }
      }),

    findPromotionCode: (of, code) =>
      ask(of.id, async (stripe) => {
        const { data } = await stripe.promotionCodes.list({ code, active: true, limit: 10 }, forAccount(of));
        const found = data.filter((each) => each.code.toLowerCase() === code.toLowerCase());
        // Codes bound to one buyer may share the text; the one that anybody can use is the one meant.
        const open = found.find((each) => !each.customer) ?? found[0];
        return open && promotionCodeOf(open);
      }),

    createPromotionCode: (of, { couponId, code, metadata, idempotencyKey }) =>
      ask(of.id, async (stripe) =>
        promotionCodeOf(
          await stripe.promotionCodes.create(
            { promotion: { type: "coupon", coupon: couponId }, code, metadata },
            { idempotencyKey, ...forAccount(of) },
          ),
        ),
      ),

    setPromotionCodeActive: (of, id, active) =>
      ask(of.id, async (stripe) => promotionCodeOf(await stripe.promotionCodes.update(id, { active }, forAccount(of)))),

    getPromotionCode: (of, id) =>
      ask(of.id, async (stripe) => {
        // The id may come from an event; one that cannot be in a path is one that Stripe does not know.
        if (!/^\w{1,255}$/.test(id)) return undefined;
        const found = await whereItExists(stripe.promotionCodes.retrieve(id, {}, forAccount(of)));
        return found && promotionCodeOf(found);
      }),

    verifySignature,

    withKey: (apiKey) => createStripeSetup(() => clientOf(apiKey)),
  };
}

async function openClient(apiKey: string, apiBase: string | undefined): Promise<Stripe> {
  const { default: Stripe } = await import("stripe");
  return new Stripe(apiKey, {
    maxNetworkRetries: 2,
    timeout: timeoutMs,
    telemetry: false,
    ...(apiBase ? addressOf(apiBase) : {}),
  });
}

function addressOf(apiBase: string) {
  const { protocol, hostname, port } = new URL(apiBase);
  const name = protocol === "http:" ? "http" : "https";
  return { host: hostname, port: port || (name === "http" ? 80 : 443), protocol: name } as const;
}

/** @throws AppError rejected when a coupon of that id gives something else than what was promised to customers */
async function couponExists(stripe: Stripe, of: OfConnection, spec: CouponSpec): Promise<boolean> {
  const coupon = await whereItExists(stripe.coupons.retrieve(spec.id, {}, forAccount(of)));
  if (!coupon || coupon.deleted) return false;
  if (coupon.percent_off !== spec.percentOff)
    throw new AppError(
      "rejected",
      "stripe.coupon_differs",
      `The coupon ${spec.id} at Stripe does not give ${spec.percentOff}% off. Delete it there, or change the campaign's discount.`,
    );
  return true;
}

async function whereItExists<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (refusalCode(error) === "resource_missing") return undefined;
    throw error;
  }
}

const promotionCodeOf = (it: Stripe.PromotionCode): PromotionCode => ({
  id: it.id,
  code: it.code,
  active: it.active,
  couponId: idOf(it.promotion.coupon) ?? "",
  metadata: it.metadata ?? {},
});

const idOf = (it: string | { id: string } | null): string | undefined => (typeof it === "string" ? it : it?.id);
