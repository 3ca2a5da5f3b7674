export * from "./sighting.entity.ts";
export * from "./sighting.ops.ts";
