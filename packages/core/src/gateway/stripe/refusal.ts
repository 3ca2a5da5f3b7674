import type Stripe from "stripe";
import { AppError } from "../../kernel/errors.ts";

/** What Stripe answers when another request of ours is still at work; nothing was decided, so asking again is right. */
const passing = new Set(["lock_timeout", "idempotency_key_in_use", "rate_limit"]);

/** Stripe quotes keys in some of its messages, half blacked out. Not even that half belongs into a log or a portal. */
const withoutSecrets = (text: string): string => text.replace(/\b(?:sk|rk|pk|whsec)_[\w*]+/g, "…");

type Failure = InstanceType<typeof Stripe.errors.StripeError>;

const isFailure = (error: unknown): error is Failure =>
  error instanceof Error &&
  typeof (error as Partial<Failure>).type === "string" &&
  (error as Failure).type.startsWith("Stripe");

/** Stripe's own code of a refusal, such as `resource_missing`; undefined for anything that did not come from Stripe. */
export const refusalCode = (error: unknown): string | undefined => (isFailure(error) ? error.code : undefined);

/** Whether Stripe does not accept the API key. */
export const isLockedOut = (error: unknown): boolean => isFailure(error) && error.statusCode === 401;

/** Whether Stripe accepts the API key, and does not let it do this. */
export const isForbidden = (error: unknown): boolean => isFailure(error) && error.statusCode === 403;

/** Turns what the SDK throws into the two things a caller can act on: try again later, or a definite no with its reason. */
export function asAppError(error: unknown): unknown {
  if (!isFailure(error)) return error;
  const status = error.statusCode;
  if (status === undefined || status >= 500 || status === 429 || status === 409 || passing.has(error.code ?? ""))
    return new AppError(
      "unavailable",
      `stripe.${error.code ?? (status === undefined ? "unreachable" : "unavailable")}`,
      unavailableIn(status),
      {
        retryAfterMs: 2000,
        cause: withoutDetail(error),
      },
    );
  return new AppError("rejected", `stripe.${error.code ?? error.rawType ?? "rejected"}`, reasonOf(error), {
    cause: withoutDetail(error),
  });
}

const unavailableIn = (status: number | undefined): string => {
  if (status === undefined) return "Stripe cannot be reached at the moment. It will be tried again.";
  if (status === 429) return "Stripe asks for a pause before the next request. It will be tried again.";
  if (status === 409) return "Stripe is still working on the same request. It will be tried again.";
  return "Stripe has trouble at the moment. It will be tried again.";
};

function reasonOf(error: Failure): string {
  if (error.statusCode === 401)
    return "Stripe does not accept the API key of this connection. Check it in the connection's settings.";
  if (error.statusCode === 403)
    return `The API key may not do this at Stripe.${missingRight(error)} Give it the rights that Laurel needs, or use another key.`;
  if (error.rawType === "idempotency_error")
    return "Stripe has seen this request before with other details, so it did nothing. It has to be looked at by hand.";
  const said = withoutSecrets(error.message).trim().slice(0, 300);
  return said ? `Stripe said no: ${said}` : "Stripe said no without giving a reason.";
}

/** Stripe names the right that a restricted key lacks. */
const missingRight = ({ message }: Failure): string => {
  const right = /'(rak_[a-z_]{3,60})'/.exec(message)?.[1];
  return right ? ` It lacks ${right.slice("rak_".length).replaceAll("_", " ")}.` : "";
};

/** The SDK's error carries the whole answer with its headers; a log needs only what names the failure. */
const withoutDetail = (error: Failure): Error =>
  new Error(
    withoutSecrets(
      [error.type, error.statusCode, error.code, error.param, error.requestId, error.message]
        .filter((part) => part !== undefined)
        .join(" "),
    ),
  );
