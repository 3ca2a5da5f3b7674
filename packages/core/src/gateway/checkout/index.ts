export { isSignedBase64 } from "./signature.ts";
