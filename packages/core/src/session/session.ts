import { randomBytes } from "node:crypto";
import { type Id, idSchema } from "@laurel/contract";
import { sha256 } from "../kernel/secrecy.ts";
import type { Session } from "./session.entity.ts";

export const idleMs = 12 * 3_600_000;
export const absoluteMs = 30 * 86_400_000;
/** A session's last sight is written no more often than this. */
export const seenEveryMs = 10 * 60_000;

/** When a session ends if it is not used again, epoch ms. */
export const endOf = ({ createdAt, lastSeenAt }: Pick<Session, "createdAt" | "lastSeenAt">): number =>
  Math.min(Date.parse(lastSeenAt) + idleMs, Date.parse(createdAt) + absoluteMs);

/** 256 random bits. */
export const newSecret = (): string => randomBytes(32).toString("base64url");

export const cookieValue = (personId: string, secret: string): string => `${personId}.${secret}`;

/** Reads a cookie's value; undefined where it does not have the form of one. */
export function readCookieValue(value: string): { personId: Id<"person">; hash: string } | undefined {
  const [, personId, secret] = /^([a-z0-9_]{1,60})\.([A-Za-z0-9_-]{43})$/.exec(value) ?? [];
  if (!personId || !secret || !idSchema("person").safeParse(personId).success) return undefined;
  return { personId, hash: sha256(secret) };
}
