import { type Role, roles, staffRoles } from "@laurel/contract";
import type { Actor } from "./context.ts";
import { AppError } from "./errors.ts";

const staff: readonly Role[] = staffRoles;
const reviewers: readonly Role[] = ["owner", "manager"];

/**
 * Who may do what: the one table of rights. Operations check it in their first line and routes name the same entry,
 * so that the published document and the check cannot drift apart.
 */
export const permissions = {
  "application.read": staff,
  "application.decide": reviewers,
  "ambassador.read": staff,
  "campaign.read": staff,
  "tier.read": staff,
  "order.read": staff,
  "order.correct": ["owner", "manager", "finance"],
  "correction.read": staff,
  "claim.read": staff,
  "claim.decide": reviewers,
  "receipt.read": roles,
  "flag.read": staff,
  "flag.raise": ["owner", "manager", "finance"],
  "flag.resolve": ["owner", "manager", "finance"],
  "code.rotate": reviewers,
  "customer.import": reviewers,
  "event.read": staff,
  "event.replay": reviewers,
  "effect.read": staff,
  "effect.retry": reviewers,
  "mail.allow": reviewers,
  "connection.read": reviewers,
  "connection.change": ["owner"],
  "setup.read": ["owner"],
  "job.read": staff,
  "privacy.read": ["owner"],
  "audit.read": ["owner", "manager", "finance"],
  "program.read": staff,
  "program.change": ["owner"],
  "me.read": roles,
  "me.earnings": ["ambassador"],
  "me.claims": ["ambassador"],
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof permissions;

export const rolesOf = (permission: Permission): readonly Role[] => permissions[permission];

/** Whether an actor has one of the roles of a permission, for what is shown. */
export const mayActor = (actor: Actor, permission: Permission): boolean =>
  actor.kind === "system" ||
  (actor.kind === "person" && rolesOf(permission).some((role) => actor.roles.includes(role)));

/** Throws unless the actor has one of the roles of the permission. The program's own jobs may do everything. */
export function authorize(actor: Actor, permission: Permission): void {
  if (actor.kind === "system") return;
  if (actor.kind === "public")
    throw new AppError("unauthenticated", "auth.required", "Sign in to go on. Your session may have ended.");
  if (!rolesOf(permission).some((role) => actor.roles.includes(role)))
    throw new AppError("forbidden", "auth.forbidden", "Your role does not include this. Ask an owner of the program.");
}
