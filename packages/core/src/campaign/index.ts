export * from "./campaign.entity.ts";
export * from "./campaign.ops.ts";
