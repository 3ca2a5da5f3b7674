import type { Ambassador, AmbassadorDetail, AmbassadorStatus, OwnAmbassador } from "@laurel/contract";
import { CodeEntity, codesOf } from "../code/index.ts";
import type { Context } from "../kernel/context.ts";
import { notFound } from "../kernel/errors.ts";
import { authorize } from "../kernel/permission.ts";
import { mailTroubleOf } from "../mailbox/index.ts";
import { type Profile, ProfileEntity, personKeys } from "../person/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, getItems, listPage, type Page } from "../table/read.ts";
import { AmbassadorEntity, type AmbassadorItem, ambassadorKey } from "./ambassador.entity.ts";
import { mayChooseCode, serialize } from "./ambassador.ts";

/** The ambassadors of one status, newest first, or those who have no code that works. */
export async function list(
  ctx: Context,
  { status, codes, cursor }: { status: AmbassadorStatus; codes?: "failed" | undefined; cursor?: string | undefined },
): Promise<Page<Ambassador>> {
  authorize(ctx.actor, "ambassador.read");
  if (codes === "failed") return listFailed(ctx, cursor);
  const snapshot = await ctx.program();
  return listPage(ctx.table, [{ index: "gsi1", pk: `AMBS#${status}` }], {
    cursor,
    hydrate: async (found) => {
      const items = await getItems(
        ctx.table,
        found.map((key) => ({ pk: key.pk, sk: key.sk })),
      );
      const ambassadors = items.map((item) => parse(AmbassadorEntity, item));
      const profiles = await profilesOf(ctx, ambassadors);
      return ambassadors.map((each) =>
        each?.status === status ? serialize(each, profiles.get(each.personId), snapshot) : undefined,
      );
    },
  });
}

async function listFailed(ctx: Context, cursor: string | undefined): Promise<Page<Ambassador>> {
  const snapshot = await ctx.program();
  return listPage(ctx.table, [{ index: "gsi2", pk: "CODES#failed" }], {
    cursor,
    hydrate: async (found) => {
      const items = await getItems(
        ctx.table,
        found.map((key) => ({ pk: key.pk, sk: key.sk })),
      );
      // The index may lag behind.
      const ids = items.map((item) => {
        const code = parse(CodeEntity, item);
        return code?.state === "failed" && code.primary ? code.ambassadorId : undefined;
      });
      const ambassadors = await findAmbassadors(
        ctx,
        ids.flatMap((id) => id ?? []),
      );
      const profiles = await profilesOf(ctx, [...ambassadors.values()]);
      return ids.map((id) => {
        const ambassador = id ? ambassadors.get(id) : undefined;
        if (ambassador?.status !== "active") return undefined;
        return serialize(ambassador, profiles.get(ambassador.personId), snapshot);
      });
    },
  });
}

/** One ambassador with address and codes, for staff. @throws AppError not_found */
export async function get(ctx: Context, id: string): Promise<AmbassadorDetail> {
  authorize(ctx.actor, "ambassador.read");
  const item = await findAmbassador(ctx, id);
  if (!item) throw notFound();
  const [profiles, codes, mailTrouble, snapshot] = await Promise.all([
    profilesOf(ctx, [item]),
    codesOf(ctx, id),
    mailTroubleOf(ctx, item.personId),
    ctx.program(),
  ]);
  const profile = profiles.get(item.personId);
  return {
    ...serialize(item, profile, snapshot),
    email: profile?.email ?? "",
    mailTrouble: mailTrouble ?? null,
    codes,
  };
}

/** The stored item, for other operations. */
export const findAmbassador = async (ctx: Context, id: string): Promise<AmbassadorItem | undefined> =>
  parse(AmbassadorEntity, await getItem(ctx.table, ambassadorKey(id)));

/** The same of several, by id. */
export async function findAmbassadors(
  ctx: Context,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AmbassadorItem>> {
  const items = await getItems(ctx.table, [...new Set(ids)].map(ambassadorKey));
  const ambassadors = items.flatMap((item) => parse(AmbassadorEntity, item) ?? []);
  return new Map(ambassadors.map((each) => [each.id, each]));
}

/** An ambassador as they see themselves. The caller has checked that it is their own id. @throws AppError not_found */
export async function ambassadorOf(ctx: Context, id: string): Promise<OwnAmbassador> {
  const item = await findAmbassador(ctx, id);
  if (!item) throw notFound();
  const profiles = await profilesOf(ctx, [item]);
  const shown = serialize(item, profiles.get(item.personId), await ctx.program());
  return { ...shown, mayChooseCode: mayChooseCode(item) };
}

async function profilesOf(
  ctx: Context,
  ambassadors: readonly (AmbassadorItem | undefined)[],
): Promise<ReadonlyMap<string, Profile>> {
  const ids = [...new Set(ambassadors.flatMap((each) => (each ? [each.personId] : [])))];
  const items = await getItems(ctx.table, ids.map(personKeys.profile));
  return new Map(
    items.flatMap((item) => {
      const profile = parse(ProfileEntity, item);
      return profile ? [[profile.personId, profile] as const] : [];
    }),
  );
}

/** The names of ambassadors, for those who may see them. Erased persons have none. */
export async function namesOf(ctx: Context, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const items = await getItems(ctx.table, [...new Set(ids)].map(ambassadorKey));
  const ambassadors = items.map((item) => parse(AmbassadorEntity, item));
  const profiles = await profilesOf(ctx, ambassadors);
  return new Map(
    ambassadors.flatMap((each) => {
      const name = each && profiles.get(each.personId)?.name;
      return each && name ? [[each.id, name] as const] : [];
    }),
  );
}
