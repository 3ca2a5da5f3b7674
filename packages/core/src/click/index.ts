export * from "./click.entity.ts";
