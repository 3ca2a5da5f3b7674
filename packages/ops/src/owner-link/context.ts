import { type Context, idMaker, type Keys, noMetrics } from "@laurel/core/kernel";
import { cachedProgram } from "@laurel/core/program";
import { openTable } from "@laurel/core/table";
import { Problem } from "../cli/problem.ts";
import { openFunctions } from "../stage/functions.ts";
import { openParameters } from "../stage/parameters.ts";
import { parameterNames, type Stage } from "../stage/stage.ts";

/**
 * A context on a deployed stage, with the caller's AWS credentials: for what is done to the table alone. Its gateways
 * refuse, because what is to be sent is left to the functions.
 * @param name who the audit says it was
 * @throws Problem where the stage is not deployed, or not set up
 */
export async function contextOf(stage: Stage, name: string): Promise<Context> {
  const names = parameterNames(stage.name);
  const parameters = openParameters(stage.region);
  const [api, keys, origin] = await Promise.all([
    openFunctions(stage).find("api"),
    parameters.find(names.keys),
    parameters.find(names.publicOrigin),
  ]);
  const notHere = (what: string) =>
    new Problem(
      `${what} in ${stage.region} of this account. Is it another region (--region) or another account (AWS_PROFILE)? If it was never deployed: npx sst deploy --stage ${stage.name}`,
    );
  if (!api?.env.TABLE_NAME) throw notHere(`Stage ${stage.name} is not deployed`);
  const publicOrigin = api.env.PUBLIC_ORIGIN || origin?.value;
  if (!publicOrigin) throw notHere(`${names.publicOrigin}, which a deployment writes at its end, is missing`);
  if (!keys)
    throw new Problem(`${names.keys} is missing in ${stage.region}. Run npm run setup -- --stage ${stage.name} first.`);
  const table = openTable({ tableName: api.env.TABLE_NAME, region: stage.region });
  const now = () => new Date();
  const newId = idMaker(now);
  return {
    actor: { kind: "system", name },
    now,
    newId,
    table,
    gateways: {
      stripe: refusing("stripe"),
      shopify: refusing("shopify"),
      woocommerce: refusing("woocommerce"),
      mail: refusing("mail"),
      secrets: refusing("secrets"),
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
    metrics: noMetrics,
    keys: JSON.parse(keys.value) as Keys,
    publicOrigin: publicOrigin.replace(/\/$/, ""),
    requestId: newId("request"),
    idempotency: undefined,
    program: cachedProgram(table).get,
  };
}

const refusing = <T extends object>(name: string): T =>
  new Proxy({} as T, {
    get: () => {
      throw new Error(`A command does not use the ${name} gateway`);
    },
  });
