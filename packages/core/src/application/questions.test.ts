import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { type Program, PutQuestions, type Question, SubmitApplication } from "@laurel/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApi } from "../../../../functions/api/app.ts";
import { type Caller, json, signedIn } from "../../../../functions/api/testing.ts";
import { openWorld, type World } from "../../../local/testing/index.ts";
import { cachedProgram, change } from "../program/index.ts";
import { submit } from "./apply.ops.ts";
import { get, list } from "./review.ops.ts";
import { fold } from "./search.ts";
import { claimOf, confirmed, form, refusalOf, visitor } from "./testing.ts";

let world: World;
let api: ReturnType<typeof createApi>;
let owner: Caller;
let networks = 0;
beforeAll(async () => {
  world = await openWorld({ programMaxAgeMs: 0 });
  api = createApi(world.runtime, { networkOf: () => `10.1.${networks >> 8}.${networks++ & 255}` });
  owner = await signedIn(world, ["owner"]);
});
afterAll(() => world.close());

const asked = [
  { kind: "short", label: "Which shoes do you run in?", help: "The pair by the door.", required: true },
  { kind: "long", label: "What would you write about?" },
  { kind: "choice", label: "How far?", options: ["5 km", "10 km", "Marathon"] },
  { kind: "link", label: "A post you are proud of" },
];

const read = async (): Promise<Program> =>
  (await (await api.request("/api/program", { headers: owner.headers })).json()) as Program;
const shown = async (): Promise<Question[]> =>
  ((await (await api.request("/api/program/public")).json()) as { questions: Question[] }).questions;

const patch = (body: object, headers = owner.headers) =>
  api.request("/api/program", { ...json(body, headers), method: "PATCH" });

async function put(questions: unknown): Promise<Response> {
  const { version } = await read();
  return patch({ version, questions });
}

/** Sets the questions, and gives them as applicants get them. */
async function ask(questions: unknown = asked): Promise<Question[]> {
  const answer = await put(questions);
  expect(answer.status, await answer.clone().text()).toBe(200);
  return shown();
}

const apply = (answers: unknown, changes = {}) =>
  api.request("/api/applications", json({ ...form(), ...changes, answers }));
const problemOf = async (answer: Response) =>
  (await answer.json()) as { code: string; detail: string; errors: { field: string; message: string }[] };

describe("the owner's list", () => {
  test("is public, keeps its order, and each question has an id of ours", async () => {
    const questions = await ask();
    expect(questions).toEqual([
      { ...asked[0], id: expect.stringMatching(/^qst_/) },
      { ...asked[1], id: expect.stringMatching(/^qst_/), required: false },
      { ...asked[2], id: expect.stringMatching(/^qst_/), required: false },
      { ...asked[3], id: expect.stringMatching(/^qst_/), required: false },
    ]);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(4);
    expect((await read()).questions).toEqual(questions);
  });

  test("what was read can be sent back; ids stay through rewording, moving and leaving out", async () => {
    const [first, second, third, fourth] = await ask();
    expect(await ask([first, second, third, fourth])).toEqual([first, second, third, fourth]);
    const reworded = { ...third!, label: "How far do you run?", options: ["5 km", "21 km"] };
    const after = await ask([reworded, { kind: "short", label: "Your club" }, first]);
    expect(after).toEqual([
      reworded,
      { id: expect.any(String), kind: "short", label: "Your club", required: false },
      first,
    ]);
    expect([first, second, third, fourth].map((each) => each!.id)).not.toContain(after[1]!.id);
    // What was left out is gone for good: its id means nothing any more.
    expect((await put([second])).status).toBe(400);
    expect(await ask([])).toEqual([]);
  });

  test("a change of something else leaves the questions alone", async () => {
    const questions = await ask();
    const { version } = await read();
    expect((await patch({ version, holdDays: 14 })).status).toBe(200);
    expect(await shown()).toEqual(questions);
  });

  const choice = (options: unknown) => ({ kind: "choice", label: "Which?", options });
  test.each<[string, unknown, string]>([
    ["eleven", Array.from({ length: 11 }, (_, at) => ({ kind: "short", label: `Q${at}` })), "questions"],
    ["a kind we do not know", [{ kind: "file", label: "A file" }], "questions.0.kind"],
    ["no label", [{ kind: "short" }], "questions.0.label"],
    ["an empty label", [{ kind: "short", label: "  " }], "questions.0.label"],
    ["a label of 201 characters", [{ kind: "short", label: "x".repeat(201) }], "questions.0.label"],
    ["a control character", [{ kind: "short", label: "a\u0007b" }], "questions.0.label"],
    ["a help of 301 characters", [{ kind: "short", label: "Q", help: "x".repeat(301) }], "questions.0.help"],
    ["a choice without choices", [{ kind: "choice", label: "Which?" }], "questions.0.options"],
    ["a choice of one", [choice(["a"])], "questions.0.options"],
    ["a choice of 21", [choice(Array.from({ length: 21 }, (_, at) => `c${at}`))], "questions.0.options"],
    ["the same choice twice", [choice(["A", "a"])], "questions.0.options"],
    ["an empty choice", [choice(["a", " "])], "questions.0.options.1"],
    ["choices where there are none", [{ kind: "short", label: "Q", options: ["a", "b"] }], "questions.0.options"],
    [
      "an id of our own form that nobody gave",
      [{ kind: "short", label: "Q", id: "qst_01jd0000000000000000000000" }],
      "questions.0.id",
    ],
    ["an id that the owner made up", [{ kind: "short", label: "Q", id: "shoes" }], "questions.0.id"],
    [
      "the same label twice",
      [
        { kind: "short", label: "Q" },
        { kind: "long", label: "q" },
      ],
      "questions",
    ],
    ["an unknown field", [{ kind: "short", label: "Q", hidden: true }], "questions.0.hidden"],
  ])("refuses %s, and changes nothing", async (_, questions, field) => {
    const before = await read();
    const answer = await put(questions);
    expect(answer.status).toBe(400);
    expect((await problemOf(answer)).errors.map((error) => error.field)).toContain(field);
    expect(await read()).toEqual(before);
  });

  test("refuses the same id twice", async () => {
    const [first] = await ask();
    const answer = await put([first, { ...first, label: "Another" }]);
    expect((await problemOf(answer)).errors).toEqual([{ field: "questions", message: "names each question once" }]);
  });

  test("is the owner's to change; of two at once one is told", async () => {
    const manager = await signedIn(world, ["manager"]);
    const { version } = await read();
    expect((await patch({ version, questions: [] }, manager.headers)).status).toBe(403);
    const both = await Promise.all(
      [1, 2].map((n) => patch({ version, questions: [{ kind: "short", label: `Q${n}` }] })),
    );
    expect(both.map((answer) => answer.status).sort()).toEqual([200, 409]);
    expect((await shown()).length).toBe(1);
  });
});

describe("answers", () => {
  test("are kept with the person, each with its question's words of then", async () => {
    const [shoes, about, far, post] = await ask();
    const input = form({ email: "asked@example.com" });
    const answer = await apply(
      {
        [shoes!.id]: "  Trail 3  ",
        [about!.id]: "Hills.\r\nAnd mud.",
        [far!.id]: "10 km",
        [post!.id]: " https://example.com/post ",
      },
      { email: input.email },
    );
    expect(answer.status, await answer.clone().text()).toBe(202);
    const id = (await claimOf(world.ctx(), input.email))!.applicationId;
    await ask([{ ...shoes, label: "Shoes?", kind: "long" }, far]);
    expect(await get(world.ctx(world.staff("viewer")), id)).toMatchObject({
      answers: [
        { questionId: shoes!.id, label: "Which shoes do you run in?", kind: "short", answer: "Trail 3" },
        { questionId: about!.id, label: "What would you write about?", kind: "long", answer: "Hills.\nAnd mud." },
        { questionId: far!.id, label: "How far?", kind: "choice", answer: "10 km" },
        { questionId: post!.id, label: "A post you are proud of", kind: "link", answer: "https://example.com/post" },
      ],
    });
    const { Items = [] } = await world.table.client.send(new ScanCommand({ TableName: world.table.name }));
    const holders = Items.filter((item) => JSON.stringify(item).includes("And mud."));
    expect(holders.map((item) => item.pk)).toEqual([expect.stringMatching(/^PERSON#/)]);
  });

  test("that are not required may be left out or blank, and are then not kept", async () => {
    const [shoes, about] = await ask();
    const input = form();
    expect((await apply({ [shoes!.id]: "x", [about!.id]: " \n " }, { email: input.email })).status).toBe(202);
    const id = (await claimOf(world.ctx(), input.email))!.applicationId;
    expect((await get(world.ctx(world.staff("viewer")), id)).answers).toMatchObject([{ answer: "x" }]);
  });

  test("none are needed where nothing is required", async () => {
    await ask(asked.slice(1));
    const { answers: _, ...without } = form();
    expect((await api.request("/api/applications", json(without))).status).toBe(202);
  });

  test.each<[string, number, string | undefined, string]>([
    ["a required one that is missing", 0, undefined, "is missing"],
    ["a required one of spaces", 0, "   ", "is missing"],
    ["a short one of 201 characters", 0, "x".repeat(201), "has at most 200 characters"],
    ["a short one of two lines", 0, "one\ntwo", "has a control character"],
    ["a long one of 2001 characters", 1, "x".repeat(2001), "has at most 2000 characters"],
    ["a turned direction of writing", 1, "a\u202eb", "has a control character"],
    ["a choice that is none", 2, "7 km", "is not one of the choices"],
    ["a choice in other letters", 2, "marathon", "is not one of the choices"],
    ["no address", 3, "example", "is not a web address that starts with https://"],
    ["a script for an address", 3, "javascript:alert(1)", "is not a web address that starts with https://"],
    ["a data address", 3, "data:text/html,x", "is not a web address that starts with https://"],
    ["an address of 501 characters", 3, `https://example.com/${"x".repeat(481)}`, "has at most 500 characters"],
  ])("%s is refused by name", async (_, at, given, message) => {
    const questions = await ask();
    const answer = await apply({ [questions[0]!.id]: "x", [questions[at]!.id]: given });
    expect(answer.status).toBe(400);
    const problem = await problemOf(answer);
    expect(problem.errors).toEqual([{ field: `answers.${questions[at]!.id}`, message }]);
    expect(problem.detail).toContain(`“${questions[at]!.label}” ${message}.`);
  });

  test.each<[string, unknown, string]>([
    ["a list", [], "answers"],
    ["a text", "x", "answers"],
    ["a number for an answer", { q: 1 }, "answers.q"],
    ["an answer of 10,001 characters", { q: "x".repeat(10_001) }, "answers.q"],
    ["eleven", Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`q${at}`, "x"])), "answers"],
  ])("%s is refused", async (_, answers, field) => {
    await ask(asked.slice(1));
    const answer = await apply(answers);
    expect(answer.status).toBe(400);
    expect((await problemOf(answer)).errors.map((error) => error.field)).toContain(field);
  });

  test.each(["constructor", "toString", "hasOwnProperty", "qst_01jd0000000000000000000000", "", "x".repeat(5000)])(
    "to a question that is not asked (%#) are refused by name",
    async (id) => {
      await ask(asked.slice(1));
      const answer = await apply({ [id]: "x" });
      expect(answer.status).toBe(400);
      const { code, errors } = await problemOf(answer);
      expect(code).toBe("application.outdated_questions");
      expect(errors).toHaveLength(1);
      expect(errors[0]!.field.startsWith(`answers.${id.slice(0, 50)}`)).toBe(true);
      expect(errors[0]!.field.length).toBeLessThan(80);
    },
  );

  test("to questions that were changed meanwhile: what to do is said", async () => {
    const [shoes, about] = await ask();
    const seen = { [shoes!.id]: "x", [about!.id]: "y" };
    await ask([shoes, { kind: "short", label: "Your club", required: true }]);
    const gone = await problemOf(await apply(seen));
    expect(gone.detail).toBe(
      "The questions have changed meanwhile. Reload the page, answer what is new and send your application again.",
    );
    expect(gone.errors).toEqual([{ field: `answers.${about!.id}`, message: "is not a question that is asked" }]);
    const lacking = await problemOf(await apply({ [shoes!.id]: "x" }));
    expect(lacking.detail).toContain("The answer to “Your club” is missing.");
    expect(lacking.detail).toContain("reload the page");
  });

  test("a remembered program that is behind is read anew before an answer is refused", async () => {
    const behind = cachedProgram(world.table, 60_000);
    const [shoes] = await ask();
    await behind.get();
    const [, club] = await ask([shoes, { kind: "short", label: "Your club", required: true }]);
    const ctx = { ...world.ctx(visitor()), program: behind.get };
    const input = form({ answers: { [shoes!.id]: "x", [club!.id]: "y" } });
    expect(await submit(ctx, input)).toEqual({ status: "check_your_mail" });
  });

  test("no application is made where an answer is wrong, and nobody is told apart by it", async () => {
    await ask();
    const input = form();
    const refusal = await refusalOf(submit(world.ctx(visitor()), input));
    expect(refusal).toMatchObject({ kind: "invalid", code: "application.answers" });
    expect(await claimOf(world.ctx(), input.email)).toBeUndefined();
  });
});

describe("the staff's search", () => {
  let other: World;
  const ids: Record<string, string> = {};
  beforeAll(async () => {
    other = await openWorld({ programMaxAgeMs: 0 });
    const { questions } = await change(other.ctx(), {
      version: 1,
      questions: PutQuestions.parse([{ kind: "long", label: "Your favourite hill" }]),
    });
    const answers = (text: string) => ({ [questions[0]!.id]: text });
    const make = async (name: string, changes: Parameters<typeof form>[0]) => {
      ids[name] = (await confirmed(other, { name, ...changes })).id;
      other.clock.advance(1000);
    };
    await make("Łucja Żółć", { niche: "Górskie biegi", answers: answers("Śnieżka, every winter") });
    await make("Jürgen Groß", { niche: "Straßenlauf", why: "I have sold your shoes for years." });
    await make("Ada Lovelace", { channels: [{ kind: "blog", url: "https://hills.example/ada", followers: 10 }] });
    await make("Zoë Ångström", { channels: [{ kind: "tiktok", handle: "@zo.runs", followers: 10 }] });
    for (let n = 0; n < 60; n++) await make(`Filler ${n}`, { niche: "Baking", why: "I bake and bake and bake." });
  });
  afterAll(() => other.close());

  async function found(q: string, more = {}): Promise<string[]> {
    const names: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await list(other.ctx(other.staff("viewer")), { status: "confirmed", q, cursor, ...more });
      names.push(...page.items.map(({ name }) => name));
      cursor = page.cursor ?? undefined;
    } while (cursor);
    return names;
  }

  test.each<[string, string[]]>([
    ["lucja", ["Łucja Żółć"]],
    ["ŻÓŁĆ", ["Łucja Żółć"]],
    ["zolc", ["Łucja Żółć"]],
    ["sniezka", ["Łucja Żółć"]],
    ["winter GÓRSKIE", ["Łucja Żółć"]],
    ["gross", ["Jürgen Groß"]],
    ["jurgen", ["Jürgen Groß"]],
    ["Jürgen", ["Jürgen Groß"]],
    ["strassenlauf", ["Jürgen Groß"]],
    ["sold shoes", ["Jürgen Groß"]],
    ["hills.example", ["Ada Lovelace"]],
    ["@zo.runs", ["Zoë Ångström"]],
    ["angstrom zoe", ["Zoë Ångström"]],
    ["tiktok", ["Zoë Ångström"]],
    ["lovelace winter", []],
    ["nobody at all", []],
    [".*", []],
  ])("%s", async (q, names) => {
    expect(await found(q)).toEqual(names);
  });

  test("goes with the other filters, and through all pages", async () => {
    expect(await found("bake")).toHaveLength(60);
    expect(await found("e", { niche: "straßenlauf" })).toEqual(["Jürgen Groß"]);
  });

  test("over HTTP, for staff", async () => {
    const its = createApi(other.runtime);
    const viewer = await signedIn(other, ["viewer"]);
    const search = (q: string) =>
      its.request(`/api/applications?q=${encodeURIComponent(q)}`, { headers: viewer.headers });
    expect(await (await search("lucja")).json()).toMatchObject({ items: [{ id: ids["Łucja Żółć"] }], cursor: null });
    expect((await search("x".repeat(101))).status).toBe(400);
    expect((await search(" ")).status).toBe(400);
    expect((await its.request("/api/applications?q=lucja")).status).toBe(401);
  });

  test("folds every letter of both sides in the same way", () => {
    for (const [text, plain] of [
      ["İstanbul ISTANBUL ıstanbul", "istanbul istanbul istanbul"],
      ["Ærøskøbing", "aeroskobing"],
      ["ﬁne  Ｗｉｄｅ", "fine wide"],
      ["Đorđe Þór", "dorde thor"],
      ["Ёлка", "елка"],
      ["東京", "東京"],
    ] as const)
      expect(fold(text)).toBe(plain);
  });
});

test("an application that says nothing of answers has none", () => {
  expect(SubmitApplication.parse({ ...form(), answers: undefined }).answers).toEqual({});
});
