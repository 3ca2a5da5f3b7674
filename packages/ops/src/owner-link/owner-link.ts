import { email } from "@laurel/contract";
import { recordAudit } from "@laurel/core/audit";
import type { Context } from "@laurel/core/kernel";
import { createStaff, findPersonByEmail, namesOf, teamWith } from "@laurel/core/person";
import { firstProgram, setUp } from "@laurel/core/program";
import { mintSignIn } from "@laurel/core/sign-in";
import { getItem } from "@laurel/core/table";
import { command, type Io } from "../cli/command.ts";
import { Problem } from "../cli/problem.ts";
import { readStage, stageOptions } from "../stage/stage.ts";
import { type BrandValues, brandOptions, missingTexts, readBrand } from "./brand.ts";
import { contextOf } from "./context.ts";

export interface OwnerLinkInput extends BrandValues {
  email: string;
  name?: string | undefined;
  force?: boolean | undefined;
}

export const ownerLink = command({
  usage:
    'npm run owner-link -- --stage prod --email you@example.com --brand "Your Brand" --currency EUR --time-zone Europe/Berlin --shop https://…',
  about: `Prints a link that signs you in as an owner: once, within 15 minutes. No mail is needed, so it works before SES sends any.
Whoever has it is you, so open it yourself. It uses your AWS credentials, and the audit tells of it.
The first link sets the program up as well; later ones need --stage and --email only.`,
  options: {
    ...stageOptions,
    email: { type: "string", value: "you@example.com", help: "whose link it is" },
    name: { type: "string", value: '"Olga Owner"', help: "how the portal calls you" },
    ...brandOptions,
    force: { type: "boolean", help: "makes one more owner although there is one; the audit tells of it" },
  },
  run: async (values, io) => {
    const stage = readStage(values, io.env);
    if (!values.email) throw new Problem("Say whose link it is: --email you@example.com");
    const ctx = await contextOf(stage, "owner-link");
    try {
      const url = await makeOwnerLink(ctx, { ...values, email: values.email }, io);
      io.say(`\nOpen this within 15 minutes. It works once, and whoever opens it is the owner:\n\n  ${url}\n`);
      return 0;
    } finally {
      ctx.table.client.destroy();
    }
  },
});

/**
 * Program, owner and sign-in, each made where it is not there yet; a run that was cut short goes on where it was.
 * @returns the address that signs in, with its token in the fragment
 * @throws Problem where the program's settings are missing, or another person is owner already
 */
export async function makeOwnerLink(ctx: Context, input: OwnerLinkInput, io: Pick<Io, "say">): Promise<string> {
  const address = email.safeParse(input.email);
  if (!address.success) throw new Problem(`--email ${input.email} ${address.error.issues[0]!.message}.`);
  await ensureProgram(ctx, input, io);
  const forced = await refuseSecondOwner(ctx, address.data, input.force ?? false);
  const existing = await findPersonByEmail(ctx, address.data);
  const personId = await createStaff(ctx, {
    email: address.data,
    name: input.name ?? existing?.profile.name ?? "Owner",
    roles: ["owner"],
  });
  const { token } = await mintSignIn(ctx, personId, {
    beside: [
      recordAudit(ctx, {
        action: "sign_in.owner_link",
        subject: personId,
        ...(forced ? { note: "Although there was another owner (--force)" } : {}),
      }),
    ],
  });
  return `${ctx.publicOrigin}/sign-in#token=${token}`;
}

async function ensureProgram(ctx: Context, input: OwnerLinkInput, { say }: Pick<Io, "say">): Promise<void> {
  const given = Object.keys(brandOptions).filter((option) => input[option as keyof BrandValues] !== undefined);
  if (await getItem(ctx.table, { pk: "PROGRAM", sk: "SETTINGS" })) {
    if (given.length > 0)
      say(`There is a program already, so --${given.join(", --")} changed nothing. Change it in the portal.`);
    return;
  }
  const brand = readBrand(input);
  // Where somebody else was first by a moment, theirs counts.
  if (!(await setUp(ctx, firstProgram({ newId: ctx.newId, now: ctx.now(), brand })))) return;
  say(`The program "${brand.name}" is set up.`);
  const missing = missingTexts(input);
  if (missing.length > 0)
    say(
      `Its ${missing.join(" and ")} lead to the shop for now. Applicants accept what is there: before you publish /apply, set the right addresses in the portal, under Program.`,
    );
}

/** @returns whether there is another owner, and it was forced */
async function refuseSecondOwner(ctx: Context, address: string, force: boolean): Promise<boolean> {
  const [person, owners] = await Promise.all([findPersonByEmail(ctx, address), teamWith(ctx.table, "owner")]);
  if (person?.access.staffRoles.includes("owner")) return false;
  if (owners.length === 0) return false;
  if (force) return true;
  const names = await namesOf(
    ctx.table,
    owners.map((each) => each.personId),
  );
  throw new Problem(
    `This program has an owner already: ${owners.map((each) => names.get(each.personId) ?? each.personId).join(", ")}. A link for them needs their --email. To make one more owner: --force (the audit tells of it).`,
  );
}
