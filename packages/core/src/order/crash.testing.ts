import { expect } from "vitest";
import type { Life } from "../../../local/testing/dying.ts";
import { confirm, submit, tokenOf } from "../application/index.ts";
import { claimOf, form, visitor } from "../application/testing.ts";
import type { CodeItem } from "../code/index.ts";
import type { Item } from "../table/read.ts";

export interface Applicant {
  id: string;
  email: string;
}

/** Applies, has the mail and confirms the address. */
export async function applied({ world, machine, ask }: Life, email: string, name: string): Promise<Applicant> {
  const input = form({ email, name });
  await ask(`submit ${email}`, visitor(), (ctx) => submit(ctx, input));
  await machine.quiet();
  expect(world.mails.some((mail) => mail.to === email)).toBe(true);
  const id = (await claimOf(world.ctx(), email))!.applicationId;
  await ask(`confirm ${email}`, visitor(), (ctx) => confirm(ctx, tokenOf(ctx, id)));
  return { id, email };
}

export const codesIn = (items: Item[]) => items.filter((item) => item.__edb_e__ === "code") as unknown as CodeItem[];

/** As many ambassadors, codes and approved applications as there should be. */
export function expectPeople(items: Item[], count: number): void {
  const of = (entity: string) => items.filter((item) => item.__edb_e__ === entity);
  expect(of("ambassador")).toHaveLength(count);
  expect(new Set(of("code").map((item) => item.ambassadorId)).size).toBe(count);
  expect(of("code")).toHaveLength(count);
  expect(of("application").filter((item) => item.status === "approved")).toHaveLength(count);
}
