import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { canDecide, isAmbassador, isOwner, isStaff, landingOf, meQuery } from "../features/session/session.ts";
import { NotFound, RouteFailure, RoutePending } from "./edges.tsx";
import { parseSearch, picked, stringifySearch } from "./search.ts";
import { Shell } from "./shell.tsx";

const root = createRootRouteWithContext<{ client: QueryClient }>()({ component: Shell });

// For everybody.

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: async ({ context }) => {
    const landing = landingOf(await context.client.ensureQueryData(meQuery));
    if (landing !== "/") throw redirect({ to: landing, replace: true });
  },
  component: lazyRouteComponent(() => import("../features/welcome/welcome.tsx"), "Welcome"),
});
const apply = createRoute({
  getParentRoute: () => root,
  path: "/apply",
  component: lazyRouteComponent(() => import("../features/application/apply.tsx"), "Apply"),
});
const applyConfirm = createRoute({
  getParentRoute: () => root,
  path: "/apply/confirm",
  component: lazyRouteComponent(() => import("../features/application/confirm.tsx"), "ConfirmApplication"),
});
const applyStatus = createRoute({
  getParentRoute: () => root,
  path: "/apply/status",
  component: lazyRouteComponent(() => import("../features/application/status.tsx"), "ApplicationStatus"),
});
const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: picked("from"),
  component: lazyRouteComponent(() => import("../features/sign-in/sign-in.tsx"), "SignIn"),
});

// For staff.

const staff = createRoute({
  getParentRoute: () => root,
  id: "staff",
  beforeLoad: async ({ context, location }) => {
    const me = await context.client.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: "/sign-in", search: { from: location.href }, replace: true });
    if (!isStaff(me)) throw redirect({ to: landingOf(me), replace: true });
  },
});
const applications = createRoute({
  getParentRoute: () => staff,
  path: "/applications",
  validateSearch: picked("status", "q", "niche", "country", "minFollowers"),
  component: lazyRouteComponent(() => import("../features/review/review.tsx"), "Review"),
});
/** The same screen with one of them open: the list keeps its place. */
const application = createRoute({ getParentRoute: () => applications, path: "$applicationId" });
const job = createRoute({
  getParentRoute: () => staff,
  path: "/jobs/$jobId",
  component: lazyRouteComponent(() => import("../features/job/job.tsx"), "JobPage"),
});
const ambassadors = createRoute({
  getParentRoute: () => staff,
  path: "/ambassadors",
  validateSearch: picked("status"),
  component: lazyRouteComponent(() => import("../features/ambassador/ambassadors.tsx"), "Ambassadors"),
});
const ambassador = createRoute({
  getParentRoute: () => staff,
  path: "/ambassadors/$ambassadorId",
  component: lazyRouteComponent(() => import("../features/ambassador/ambassador.tsx"), "AmbassadorPage"),
});
const orders = createRoute({
  getParentRoute: () => staff,
  path: "/orders",
  validateSearch: picked("number", "externalId", "code", "ambassadorId", "customer"),
  component: lazyRouteComponent(() => import("../features/order/orders.tsx"), "Orders"),
});
const order = createRoute({
  getParentRoute: () => staff,
  path: "/orders/$orderId",
  component: lazyRouteComponent(() => import("../features/receipt/receipt-page.tsx"), "StaffReceipt"),
});
const flags = createRoute({
  getParentRoute: () => staff,
  path: "/flags",
  validateSearch: picked("state", "ambassadorId"),
  component: lazyRouteComponent(() => import("../features/flag/flags.tsx"), "Flags"),
});
const corrections = createRoute({
  getParentRoute: () => staff,
  path: "/corrections",
  validateSearch: picked("state"),
  component: lazyRouteComponent(() => import("../features/correction/corrections.tsx"), "Corrections"),
});
const claims = createRoute({
  getParentRoute: () => staff,
  path: "/claims",
  validateSearch: picked("state"),
  component: lazyRouteComponent(() => import("../features/claim/claims.tsx"), "Claims"),
});
const events = createRoute({
  getParentRoute: () => staff,
  path: "/events",
  validateSearch: picked("status", "source", "connectionId", "from", "to"),
  component: lazyRouteComponent(() => import("../features/event/events.tsx"), "Events"),
});
const event = createRoute({
  getParentRoute: () => staff,
  path: "/events/$eventId",
  component: lazyRouteComponent(() => import("../features/event/event.tsx"), "EventPage"),
});
const effects = createRoute({
  getParentRoute: () => staff,
  path: "/effects",
  validateSearch: picked("state"),
  component: lazyRouteComponent(() => import("../features/effect/effects.tsx"), "Effects"),
});
const connections = createRoute({
  getParentRoute: () => staff,
  path: "/connections",
  beforeLoad: async ({ context }) => {
    if (!canDecide(await context.client.ensureQueryData(meQuery))) throw redirect({ to: "/events", replace: true });
  },
  component: lazyRouteComponent(() => import("../features/connection/connections.tsx"), "Connections"),
});
const setup = createRoute({
  getParentRoute: () => staff,
  path: "/setup",
  beforeLoad: async ({ context }) => {
    if (!isOwner(await context.client.ensureQueryData(meQuery))) throw redirect({ to: "/applications", replace: true });
  },
  component: lazyRouteComponent(() => import("../features/setup/setup.tsx"), "FirstSteps"),
});
const audit = createRoute({
  getParentRoute: () => staff,
  path: "/audit",
  validateSearch: picked("subject"),
  component: lazyRouteComponent(() => import("../features/audit/audit.tsx"), "AuditLog"),
});
const program = createRoute({
  getParentRoute: () => staff,
  path: "/program",
  component: lazyRouteComponent(() => import("../features/program/program.tsx"), "ProgramPage"),
});

const programRules = createRoute({
  getParentRoute: () => staff,
  path: "/program/rules",
  validateSearch: picked("tried"),
  component: lazyRouteComponent(() => import("../features/program/rules-page.tsx"), "RulesPage"),
});
const simulation = createRoute({
  getParentRoute: () => staff,
  path: "/simulations/$jobId",
  component: lazyRouteComponent(() => import("../features/simulation/simulation.tsx"), "SimulationPage"),
});
const programFraud = createRoute({
  getParentRoute: () => staff,
  path: "/program/fraud",
  component: lazyRouteComponent(() => import("../features/program/fraud-page.tsx"), "FraudPage"),
});
const campaigns = createRoute({
  getParentRoute: () => staff,
  path: "/program/campaigns",
  component: lazyRouteComponent(() => import("../features/campaign/campaigns.tsx"), "Campaigns"),
});
const knownCustomers = createRoute({
  getParentRoute: () => staff,
  path: "/program/customers",
  beforeLoad: async ({ context }) => {
    if (!canDecide(await context.client.ensureQueryData(meQuery))) throw redirect({ to: "/program", replace: true });
  },
  component: lazyRouteComponent(() => import("../features/customer/import-page.tsx"), "KnownCustomers"),
});

// For ambassadors.

const ambassadorOnly = createRoute({
  getParentRoute: () => root,
  id: "ambassador",
  beforeLoad: async ({ context, location }) => {
    const me = await context.client.ensureQueryData(meQuery);
    if (!me) throw redirect({ to: "/sign-in", search: { from: location.href }, replace: true });
    if (!isAmbassador(me)) throw redirect({ to: landingOf(me), replace: true });
  },
});
const home = createRoute({
  getParentRoute: () => ambassadorOnly,
  path: "/home",
  component: lazyRouteComponent(() => import("../features/home/home.tsx"), "Home"),
});
const homeOrder = createRoute({
  getParentRoute: () => ambassadorOnly,
  path: "/home/orders/$orderId",
  component: lazyRouteComponent(() => import("../features/receipt/receipt-page.tsx"), "AmbassadorReceipt"),
});

const ownClaims = createRoute({
  getParentRoute: () => ambassadorOnly,
  path: "/home/claims",
  component: lazyRouteComponent(() => import("../features/claim/own-claims.tsx"), "OwnClaims"),
});

const tree = root.addChildren([
  index,
  apply,
  applyConfirm,
  applyStatus,
  signIn,
  staff.addChildren([
    applications.addChildren([application]),
    job,
    ambassadors,
    ambassador,
    orders,
    order,
    corrections,
    claims,
    flags,
    events,
    event,
    effects,
    connections,
    setup,
    audit,
    program,
    programRules,
    simulation,
    programFraud,
    campaigns,
    knownCustomers,
  ]),
  ambassadorOnly.addChildren([home, homeOrder, ownClaims]),
]);

export const createPortalRouter = (client: QueryClient) =>
  createRouter({
    routeTree: tree,
    context: { client },
    parseSearch,
    stringifySearch,
    defaultPreload: "intent",
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 300,
    defaultPendingComponent: RoutePending,
    defaultErrorComponent: RouteFailure,
    defaultNotFoundComponent: NotFound,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createPortalRouter>;
  }
}
