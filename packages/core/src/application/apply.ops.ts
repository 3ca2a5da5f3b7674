import type { QuestionAnswer, SubmitApplication } from "@laurel/contract";
import { intend } from "../effect/index.ts";
import { commit, remembered } from "../kernel/commit.ts";
import type { Context } from "../kernel/context.ts";
import { AppError } from "../kernel/errors.ts";
import { emailKey } from "../kernel/secrecy.ts";
import { dayOf } from "../kernel/time.ts";
import { takeLimit } from "../limit/index.ts";
import { AccessEntity, AnswersEntity, EmailEntity, newPerson, personKeys } from "../person/index.ts";
import { loadProgram, type ProgramSettings, questionsOf } from "../program/index.ts";
import { parse } from "../table/entity.ts";
import { getItem, getItems } from "../table/read.ts";
import { type Write, write } from "../table/transact.ts";
import { readAnswers } from "./answers.ts";
import { ApplicationEntity } from "./application.entity.ts";
import { confirmWithinMs, maxFollowersOf, mayApply } from "./application.ts";
import { type Claim, ClaimEntity, claimKey } from "./claim.entity.ts";
import { busy, replaceClaim } from "./load.ts";

const answer = { status: "check_your_mail" } as const;
const tries = 5;
const hourMs = 3600 * 1000;

/**
 * Takes an application. The answer never tells whether the address is known: a new application is followed by a mail
 * that asks to confirm it, anything else by a mail with the status of what there is already.
 * @throws AppError invalid when a text was accepted in a version that is not the current one, or an answer does not fit
 * its question; rate_limited
 */
export async function submit(ctx: Context, input: SubmitApplication): Promise<typeof answer> {
  if (await remembered(ctx)) return answer;
  const { program, answers } = await currentProgram(ctx, input);
  const key = emailKey(ctx.keys, input.email);
  await limit(ctx, key);
  for (let attempt = 0; attempt < tries; attempt++) {
    const { personId, isAmbassador, claim } = await known(ctx, key);
    const now = ctx.now();
    const writes =
      isAmbassador || !mayApply(claim, now, dayOf(program.timeZone, now))
        ? statusMail(ctx, claim)
        : newApplication(ctx, input, answers, key, personId, claim);
    if (writes.length === 0 && !ctx.idempotency) return answer;
    // Refused when somebody else took the address meanwhile: look again.
    if ((await commit(ctx, writes, answer)).ok) return answer;
  }
  throw busy();
}

/** What is known of an address. */
async function known(ctx: Context, key: string) {
  const [emailItem, claimItem] = await getItems(ctx.table, [personKeys.email(key), claimKey(key)]);
  const personId = parse(EmailEntity, emailItem)?.personId;
  const access = personId ? parse(AccessEntity, await getItem(ctx.table, personKeys.access(personId))) : undefined;
  return {
    personId,
    isAmbassador: access?.ambassadorId !== undefined,
    claim: parse(ClaimEntity, claimItem),
  };
}

const statusMail = (ctx: Context, claim: Claim | undefined): Write[] =>
  claim ? intend(ctx, "mail.application_status", claim.applicationId, {}) : [];

/**
 * An existing person's profile stays as it is: whoever applies has not shown yet that the mailbox is theirs.
 */
function newApplication(
  ctx: Context,
  input: SubmitApplication,
  answers: QuestionAnswer[],
  key: string,
  existing: string | undefined,
  claim: Claim | undefined,
): Write[] {
  const { name, email, country, channels, niche, why, marketingConsent } = input;
  const at = { table: ctx.table.name };
  const id = ctx.newId("application");
  const personId = existing ?? ctx.newId("person");
  const now = ctx.now();
  const submittedAt = now.toISOString();
  const confirmBy = new Date(now.getTime() + confirmWithinMs).toISOString();
  return [
    ...(existing ? [] : newPerson(ctx, { personId, name, email, emailKey: key, country })),
    write.put(
      "answers",
      AnswersEntity.create({
        personId,
        applicationId: id,
        name,
        email,
        country,
        channels,
        why,
        answers,
        marketingConsent,
      }).params(at),
    ),
    write.put(
      id,
      ApplicationEntity.create({
        id,
        personId,
        status: "submitted",
        niche,
        country,
        maxFollowers: maxFollowersOf(channels),
        accepted: {
          guidelinesVersion: input.guidelinesVersion,
          termsVersion: input.termsVersion,
          privacyVersion: input.privacyVersion,
          at: submittedAt,
        },
        submittedAt,
        confirmBy,
        version: 1,
      }).params(at),
    ),
    replaceClaim(ctx, claim, { emailKey: key, applicationId: id, state: "open", confirmBy }),
    ...intend(ctx, "mail.application_confirm", id, {}),
  ];
}

async function limit(ctx: Context, key: string): Promise<void> {
  const { actor } = ctx;
  if (actor.kind === "system") return;
  await takeLimit(ctx, [
    { name: "application.network", subject: actor.network, max: 30, windowMs: hourMs },
    { name: "application.email", subject: key, max: 5, windowMs: hourMs },
  ]);
}

/**
 * The program, and the answers to its questions, if the applicant accepted its current texts and was asked its current
 * questions. A remembered program that disagrees is read anew first.
 */
async function currentProgram(
  ctx: Context,
  input: SubmitApplication,
): Promise<{ program: ProgramSettings; answers: QuestionAnswer[] }> {
  const { program: maybeOld } = await ctx.program();
  const first = readAnswers(questionsOf(maybeOld), input.answers);
  if (outdated(maybeOld, input).length === 0 && first.ok) return { program: maybeOld, answers: first.answers };
  const { program } = await loadProgram(ctx.table);
  const texts = outdated(program, input);
  if (texts.length > 0) throw outdatedTexts(texts);
  const read = readAnswers(questionsOf(program), input.answers);
  if (!read.ok) throw read.error;
  return { program, answers: read.answers };
}

function outdatedTexts(texts: ReturnType<typeof outdated>): AppError {
  const named = texts.map((text) => text.words).join(" and ");
  return new AppError(
    "invalid",
    "application.outdated_texts",
    `The ${named} ${texts.length > 1 || texts[0]?.plural ? "have" : "has"} changed meanwhile. Reload the page, read what is new and send your application again.`,
    { errors: texts.map(({ field }) => ({ field, message: "is not the current version" })) },
  );
}

const texts = [
  { field: "guidelinesVersion", of: "guidelines", words: "guidelines", plural: true },
  { field: "termsVersion", of: "terms", words: "terms", plural: true },
  { field: "privacyVersion", of: "privacy", words: "privacy policy", plural: false },
] as const;

const outdated = (program: ProgramSettings, input: SubmitApplication) =>
  texts.filter((text) => input[text.field] !== program[text.of].version);
