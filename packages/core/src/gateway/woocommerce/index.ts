export { isWooPing, wooFactOf, wooIdentity } from "./facts.ts";
