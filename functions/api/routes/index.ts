import type { AnyRoute } from "../route.ts";
import { ambassadorRoutes } from "./ambassadors.ts";
import { applicationRoutes } from "./applications.ts";
import { auditRoutes } from "./audit.ts";
import { authRoutes } from "./auth.ts";
import { campaignRoutes } from "./campaigns.ts";
import { claimRoutes } from "./claims.ts";
import { connectionRoutes } from "./connections.ts";
import { correctionRoutes } from "./corrections.ts";
import { customerRoutes } from "./customers.ts";
import { eventRoutes } from "./events.ts";
import { flagRoutes } from "./flags.ts";
import { healthRoutes } from "./health.ts";
import { jobRoutes } from "./jobs.ts";
import { orderRoutes } from "./orders.ts";
import { peopleRoutes } from "./people.ts";
import { privacyRoutes } from "./privacy.ts";
import { programRoutes } from "./program.ts";
import { setupRoutes } from "./setup.ts";
import { simulationRoutes } from "./simulations.ts";
import { tierRoutes } from "./tiers.ts";

/** Every route of the API, one line a concept. */
export const routes = [
  ...authRoutes,
  ...applicationRoutes,
  ...ambassadorRoutes,
  ...jobRoutes,
  ...orderRoutes,
  ...correctionRoutes,
  ...claimRoutes,
  ...peopleRoutes,
  ...customerRoutes,
  ...eventRoutes,
  ...flagRoutes,
  ...campaignRoutes,
  ...connectionRoutes,
  ...tierRoutes,
  ...auditRoutes,
  ...healthRoutes,
  ...programRoutes,
  ...simulationRoutes,
  ...privacyRoutes,
  ...setupRoutes,
] as const satisfies readonly AnyRoute[];
