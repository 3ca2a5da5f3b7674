export { shopifyFactOf, shopifyIdentity } from "./facts.ts";
export { isPrivacyTopic } from "./privacy.ts";
export { createShopifyGateway } from "./shopify.ts";
