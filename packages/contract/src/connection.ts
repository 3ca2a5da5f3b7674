import * as z from "zod";
import { instant, line } from "./basics.ts";
import { idSchema } from "./ids.ts";
import { connectionStates, jobStates, providers } from "./sets.ts";

const stripeKey = z
  .string()
  .trim()
  .max(300, "has at most 300 characters")
  .regex(
    /^(sk|rk)_(test|live)_[A-Za-z0-9_]{4,}$/,
    "must be a secret or restricted key of Stripe; it begins with sk_ or rk_",
  )
  .meta({ example: "rk_test_0123456789abcdef" });

const shopAddress = line(200, 3).meta({ description: "The shop's own address" });
const secret = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]{8,300}$/, "has 8 to 300 letters, digits and signs, without spaces")
  .meta({ example: "shpss_0123456789abcdef" });
const ofShop = {
  name: line(60).optional().meta({ description: "What the team calls it; the shop's own name without" }),
  stripeConnectionId: idSchema("connection").optional().meta({
    description: "The Stripe account by which the shop takes its money, so that a sale which both tell of is one",
  }),
};

/** What each provider needs to be connected. The key is kept in the store of secrets and never shown again. */
export const ConnectCheckout = z
  .discriminatedUnion("provider", [
    z.strictObject({
      provider: z.literal("stripe"),
      apiKey: stripeKey,
      name: line(60).optional().meta({ description: "What the team calls it; the account's own name without" }),
      accountId: z
        .string()
        .trim()
        .regex(/^acct_[A-Za-z0-9]{8,40}$/, "must be an account's id; it begins with acct_")
        .meta({ example: "acct_1ABCDEFGHIJKLMNOP" })
        .optional()
        .meta({ description: "Only where the key may not read its own account: 422 `stripe.account_hidden`" }),
    }),
    z.strictObject({
      provider: z.literal("shopify"),
      shopUrl: shopAddress.meta({ example: "example.myshopify.com" }),
      apiKey: z
        .string()
        .trim()
        .regex(/^shp(at|ca|pa|ua)_\w{8,200}$/, "must be an Admin API access token; it begins with shpat_")
        .meta({ example: "shpat_0123456789abcdef" }),
      clientSecret: secret.meta({ description: "The app's client secret, by which Shopify signs its webhooks" }),
      ...ofShop,
    }),
    z.strictObject({
      provider: z.literal("woocommerce"),
      shopUrl: shopAddress.meta({ example: "https://shop.example" }),
      consumerKey: z
        .string()
        .trim()
        .regex(/^ck_\w{8,200}$/, "must be a consumer key; it begins with ck_"),
      consumerSecret: z
        .string()
        .trim()
        .regex(/^cs_\w{8,200}$/, "must be a consumer secret; it begins with cs_"),
      ...ofShop,
    }),
  ])
  .meta({ id: "ConnectCheckout" });
export type ConnectCheckout = z.infer<typeof ConnectCheckout>;

export const ChangeKey = z.strictObject({ apiKey: stripeKey }).meta({ id: "ChangeKey" });
export type ChangeKey = z.infer<typeof ChangeKey>;

/** A checkout that the program sells through, without its secrets. */
export const Connection = z
  .object({
    id: idSchema("connection"),
    provider: z.enum(providers),
    name: z.string(),
    livemode: z.boolean(),
    accountId: z.string().nullable().meta({ description: "The provider's own id of the account or shop" }),
    shopUrl: z.string().nullable().meta({ description: "A shop's own address, without a trailing slash" }),
    state: z.enum(connectionStates),
    problem: z
      .string()
      .nullable()
      .meta({ description: "What keeps it from getting on, in words, where anything does" }),
    keyEnds: z.string().nullable().meta({ description: "The last four characters of the key in use" }),
    webhookUrl: z.string(),
    webhook: z.object({
      renewing: z.boolean(),
      outdated: z.boolean().meta({ description: "Whether it was made for fewer kinds of events than are read now" }),
      formerSecretUntil: instant
        .nullable()
        .meta({ description: "So long the secret before the present one holds too" }),
    }),
    codes: z
      .object({ state: z.enum(jobStates), done: z.int(), error: z.string().nullable() })
      .nullable()
      .meta({ description: "How far the codes that there were are put there" }),
    comparison: z
      .object({
        at: instant,
        seen: z.int().meta({ description: "How much the checkout's own list had" }),
        found: z.int().meta({ description: "How much of it had never been delivered, and was taken in then" }),
      })
      .nullable()
      .meta({ description: "When what came from the checkout was last compared with its own list: once a day" }),
    connectedAt: instant.nullable(),
    disconnectedAt: instant.nullable(),
    lastEventAt: instant.nullable().meta({ description: "To the minute" }),
    lastBadSignatureAt: instant.nullable(),
  })
  .meta({ id: "Connection" });
export type Connection = z.infer<typeof Connection>;
export const Connections = z.object({ items: z.array(Connection) });
