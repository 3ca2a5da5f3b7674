import type { Parameters } from "@laurel/core/gateway/secrets";
import { assemble } from "./assemble.ts";
import { createRuntime } from "./runtime.ts";
import { setting, settings } from "./settings.ts";
import { kept, only, parametersOf, starting } from "./starting.ts";
import { telemetry } from "./telemetry.ts";

/** The stage's parameters, for a function that needs nothing else. */
export const deployedParameters = (): Parameters => parametersOf(telemetry);

/** Everything. */
export const runtime = /* @__PURE__ */ starting(telemetry, createRuntime);

/** For who has the table alone: no keys, no mail, no checkout. What asks for one of them is a bug. */
export const tableRuntime = /* @__PURE__ */ kept(async () => {
  const { log, metrics } = telemetry();
  const env = {
    ...settings("TABLE_NAME"),
    PUBLIC_ORIGIN: "",
    MAIL_FROM: "",
    DYNAMODB_ENDPOINT: setting("DYNAMODB_ENDPOINT"),
  };
  return assemble(env, only({}), { log, metrics, keys: only({}) });
});
