export * from "./campaign.entity.ts";
