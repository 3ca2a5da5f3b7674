export * from "./access.entity.ts";
export * from "./answers.entity.ts";
export * from "./email.entity.ts";
export * from "./keys.ts";
export * from "./person.ops.ts";
export * from "./person.ts";
export * from "./profile.entity.ts";
