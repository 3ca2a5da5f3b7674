import type { Context } from "hono";

/** Trouble on demand, for tests: `refuse` answers before anything happened, `lose` lets it happen and spoils the answer. */
export interface Fault {
  matches: (method: string, path: string, body: string) => boolean;
  answer: "refuse" | "lose";
  status: number;
  headers?: Record<string, string>;
  body?: string;
  /** How often; it is taken off the list then. */
  times: number;
}

/** Answers a request, unless trouble was ordered for it. */
export async function withFaults(
  faults: Fault[],
  c: Context,
  body: string,
  work: () => Response | Promise<Response>,
): Promise<Response> {
  const fault = faults.find((each) => each.matches(c.req.method, c.req.path, body));
  if (fault && --fault.times <= 0) faults.splice(faults.indexOf(fault), 1);
  if (fault?.answer === "refuse") return spoilt(fault);
  const answer = await work();
  return fault ? spoilt(fault) : answer;
}

const spoilt = ({ status, headers = {}, body = "Trouble on demand." }: Fault): Response =>
  new Response(body, { status, headers });
