export { checkoutOf } from "./of.ts";
export type * from "./port.ts";
export { isSignedBase64 } from "./signature.ts";
