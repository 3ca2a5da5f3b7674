import type { AnyRoute } from "../route.ts";
import { authRoutes } from "./auth.ts";
import { healthRoutes } from "./health.ts";
import { programRoutes } from "./program.ts";

/** Every route of the API, one line a concept. */
export const routes = [...authRoutes, ...healthRoutes, ...programRoutes] as const satisfies readonly AnyRoute[];
