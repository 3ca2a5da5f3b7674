import { runtime } from "../deployed.ts";
import { onRequest } from "../lambda.ts";
import { createApi } from "./app.ts";

/** The deployed API, at /api. */
export const handler = onRequest(createApi, runtime);
