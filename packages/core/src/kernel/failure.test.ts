import { expect, test } from "vitest";
import { AppError } from "./errors.ts";
import { errorOf } from "./failure.ts";

const thrown = (act: () => unknown): unknown => {
  try {
    return act();
  } catch (error) {
    return error;
  }
};
const told = (error: unknown) => {
  const { at: _, ...rest } = errorOf(error);
  return rest;
};

test("an error of ours is named by its code, with what it came from", () => {
  const cause = Object.assign(new Error("Rate exceeded"), {
    name: "ThrottlingException",
    $metadata: { httpStatusCode: 400, requestId: "r-1" },
  });
  const error = new AppError("unavailable", "table.busy", "The code ANNA15 of Anna is busy.", { cause });
  expect(errorOf(error)).toEqual({ error: "table.busy", cause: "ThrottlingException 400 r-1: Rate exceeded" });
  expect(
    errorOf(new AppError("unavailable", "mail.unavailable", "…", { cause: { name: "Throttled", status: 429 } })),
  ).toEqual({ error: "mail.unavailable", cause: "Throttled 429" });
});

test("what nobody expected says where", () => {
  const { error, at } = errorOf(thrown(() => (undefined as unknown as { x: number }).x));
  expect(error).toBe("TypeError: Cannot read properties of undefined (reading …)");
  expect(at?.[0]).toContain("failure.test.ts");
});

test("nothing that an error quotes is told", () => {
  const body = '{"email":"anna@example.com","name":"Anna Muster"';
  const errors = [
    thrown(() => JSON.parse(body)),
    thrown(() => JSON.parse("anna@example.com")),
    new Error(`No mailbox anna@example.com\nAnna Muster`),
    new Error(`An active promotion code with \`code: ANNA15\` already exists for "Anna Muster" and 'anna'.`),
    new AppError("rejected", "stripe.rejected", "Stripe said no: ANNA15", {
      cause: new Error("No such code: 'ANNA15'"),
    }),
    "anna@example.com",
    { email: "anna@example.com" },
  ];
  for (const each of errors) expect(JSON.stringify(told(each))).not.toMatch(/anna/i);
});

test("whatever is thrown can be told", () => {
  const circle = new Error("round");
  circle.cause = circle;
  expect(told(circle)).toEqual({ error: "Error: round", cause: "Error: round < Error: round < Error: round" });
  for (const each of [undefined, null, 5, Symbol("x"), {}, []]) expect(typeof errorOf(each).error).toBe("string");
});
