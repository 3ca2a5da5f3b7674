export { isWooPing, wooFactOf, wooIdentity } from "./facts.ts";
export { createWooCommerceGateway } from "./woocommerce.ts";
