/** The `error` of an answer, as Stripe words and shapes it. */
export interface ErrorBody {
  type: "invalid_request_error" | "idempotency_error" | "api_error" | "card_error";
  code?: string;
  message: string;
  param?: string;
  doc_url?: string;
}

/** A refusal on its way to becoming an answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  /** Whether the endpoint had begun its work: only such answers are remembered for an Idempotency-Key. */
  readonly begun: boolean;
  constructor(status: number, body: ErrorBody, begun: boolean) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.begun = begun;
  }
}

/** A refusal of the endpoint itself; an Idempotency-Key repeats it. */
export const refuse = (message: string, more: { code?: string; param?: string; status?: number } = {}): never => {
  const { status = 400, ...rest } = more;
  throw new Refusal(status, { type: "invalid_request_error", message, ...rest }, true);
};

/** A refusal before any work was begun, such as a parameter that does not exist. */
export const refuseRequest = (status: number, body: ErrorBody): never => {
  throw new Refusal(status, body, false);
};

export const missing = (kind: string, id: string, param = "id"): never =>
  refuse(`No such ${kind}: '${id}'`, { status: 404, code: "resource_missing", param });
