import type { FunctionName } from "./config.ts";

/** The names of what a stage owns, so that two stages in one account never meet. Scripts find a deployment by them, too. */
export const namesOf = (stage: string) => ({
  /** The parameters of Systems Manager begin so. `npm run setup` writes them, before the first deployment. */
  parameters: `/laurel/${stage}`,
  table: `${stage}-laurel-table`,
  /** SES's configuration set, by which bounces and complaints come back. */
  configurationSet: `${stage}-laurel`,
  metricsNamespace: `Laurel/${stage}`,
  function: (name: FunctionName | "global") => `${stage}-laurel-${name}`,
  /** Anything else that has a name of its own. */
  other: (name: string) => `${stage}-laurel-${name}`,
});
