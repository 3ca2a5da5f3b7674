import type { Connection } from "@laurel/contract";

export type ShopProvider = Exclude<Connection["provider"], "stripe">;

interface ShopField {
  name: "shopUrl" | "apiKey" | "clientSecret" | "consumerKey" | "consumerSecret";
  label: string;
  hint: string;
  secret: boolean;
  /** What is wrong with a text before anybody is asked; undefined where nothing is. */
  wrong: (text: string) => string | undefined;
}

const missing = (what: string) => `${what} is missing.`;

/** What connecting each kind of shop takes, in the words of its own pages. */
export const shopWords: Record<ShopProvider, { title: string; lead: string; steps: string[]; fields: ShopField[] }> = {
  shopify: {
    title: "Connect Shopify",
    lead: "By an app of your own in the shop. Laurel makes the webhooks, and your ambassadors' codes as discounts.",
    steps: [
      "In Shopify, make an app for this shop: Settings, Apps and sales channels, Develop apps.",
      "Give its Admin API the rights read_orders and write_discounts, and install it.",
      "Copy its access token, which Shopify shows once, and its client secret.",
      "In the app's settings, enter the webhook address of the connection for customers/data_request, customers/redact and shop/redact. It is shown here once the shop is connected.",
    ],
    fields: [
      {
        name: "shopUrl",
        label: "Shop",
        hint: "Its address at Shopify: example.myshopify.com.",
        secret: false,
        wrong: (text) =>
          text === ""
            ? missing("The shop's address")
            : /^(https?:\/\/)?[\w-]+\.myshopify\.com\/?$/i.test(text)
              ? undefined
              : "The address ends with .myshopify.com, whatever domain customers see.",
      },
      {
        name: "apiKey",
        label: "Admin API access token",
        hint: "It begins with shpat_. It is kept encrypted, and nobody sees it again.",
        secret: true,
        wrong: (text) =>
          text === ""
            ? missing("The token")
            : /^shpss_/.test(text)
              ? "This is the client secret. The token begins with shpat_."
              : /^shp(at|ca|pa|ua)_\w{8,200}$/.test(text)
                ? undefined
                : "A token begins with shpat_. Copy all of it.",
      },
      {
        name: "clientSecret",
        label: "Client secret",
        hint: "By it, Laurel knows that a webhook came from your shop.",
        secret: true,
        wrong: (text) =>
          text === ""
            ? missing("The client secret")
            : /^shpat_/.test(text)
              ? "This is the access token. The client secret stands beside the app's client ID."
              : /^[\x21-\x7e]{8,300}$/.test(text)
                ? undefined
                : "The client secret has at least 8 letters and digits, without spaces.",
      },
    ],
  },
  woocommerce: {
    title: "Connect WooCommerce",
    lead: "By a key of the store's REST API. Laurel makes the webhooks, and your ambassadors' codes as coupons.",
    steps: [
      "In WordPress: WooCommerce, Settings, Advanced, REST API, Add key.",
      "Choose a user who may manage the shop, and the permission Read/Write.",
      "Copy the consumer key and the consumer secret, which are shown once.",
    ],
    fields: [
      {
        name: "shopUrl",
        label: "Store",
        hint: "Where WordPress lives: https://shop.example. It has to be https.",
        secret: false,
        wrong: (text) =>
          text === ""
            ? missing("The store's address")
            : /^http:\/\//i.test(text) && !/^http:\/\/(localhost|127\.0\.0\.1)\b/i.test(text)
              ? "The store's address has to begin with https://."
              : undefined,
      },
      {
        name: "consumerKey",
        label: "Consumer key",
        hint: "It begins with ck_.",
        secret: true,
        wrong: (text) =>
          text === ""
            ? missing("The consumer key")
            : /^ck_\w{8,200}$/.test(text)
              ? undefined
              : "A consumer key begins with ck_. Copy all of it.",
      },
      {
        name: "consumerSecret",
        label: "Consumer secret",
        hint: "It begins with cs_. Both are kept encrypted, and nobody sees them again.",
        secret: true,
        wrong: (text) =>
          text === ""
            ? missing("The consumer secret")
            : /^cs_\w{8,200}$/.test(text)
              ? undefined
              : "A consumer secret begins with cs_. Copy all of it.",
      },
    ],
  },
};
