import { createHmac, randomBytes, randomInt } from "node:crypto";
import { type Id, idSchema } from "@laurel/contract";
import type { Keys } from "../kernel/secrecy.ts";
import type { SignIn } from "./sign-in.entity.ts";

export const validMs = 15 * 60_000;
export const maxTries = 5;

/** Six digits, each as likely as any other. */
export const newCode = (): string => String(randomInt(1_000_000)).padStart(6, "0");

/** 256 random bits. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

export const codeHashOf = (keys: Keys, signInId: string, code: string): string =>
  createHmac("sha256", keys.link).update(`sign-in code\n${signInId}\n${code}`).digest("hex");

/** The link's token says where its hash lies, so that it is found by one read. */
export const tokenOf = (personId: string, signInId: string, secret: string): string =>
  `${personId}.${signInId}.${secret}`;

export interface TokenClaim {
  personId: Id<"person">;
  signInId: Id<"signIn">;
  secret: string;
}

/** Reads a token; undefined where it does not have the form of one. */
export function readToken(token: string): TokenClaim | undefined {
  const [, personId, signInId, secret] =
    /^([a-z0-9_]{1,60})\.([a-z0-9_]{1,60})\.([A-Za-z0-9_-]{43})$/.exec(token) ?? [];
  if (!personId || !signInId || !secret) return undefined;
  if (!idSchema("person").safeParse(personId).success || !idSchema("signIn").safeParse(signInId).success)
    return undefined;
  return { personId, signInId, secret };
}

export const isOpen = (signIn: SignIn, nowMs: number): boolean =>
  signIn.usedAt === undefined && signIn.endsAtMs > nowMs && signIn.tries < maxTries;
