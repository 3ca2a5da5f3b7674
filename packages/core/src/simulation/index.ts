export * from "./simulation.entity.ts";
export { get, simulation, start } from "./simulation.ops.ts";
