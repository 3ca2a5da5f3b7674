import { randomBytes } from "node:crypto";

/** 256 random bits. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

export const originSecretAbout = "Laurel: what CloudFront shows the functions. npm run rotate changes it.";
export const originSecretNextAbout =
  "Laurel: the functions accept this one too, so that it can take the other's place.";
