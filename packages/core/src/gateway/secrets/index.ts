export { openParameters, type Parameters } from "./parameters.ts";
export * from "./port.ts";
export { createSecretsGateway } from "./ssm.ts";
