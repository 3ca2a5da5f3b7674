export * from "./tier.entity.ts";
