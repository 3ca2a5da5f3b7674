import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/problem.ts";
import { meQuery } from "./features/session/session.ts";
import { createPortalRouter } from "./routes/router.tsx";

// Zod compiles schemas with `new Function` where it may; our content policy forbids that, and even the probe is reported.
// No schema is loaded before this line: they come with the screens that have forms.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

/** A session that ended meanwhile: go and sign in, then come back here. */
function onError(error: Error): void {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  const { pathname, href } = router.state.location;
  if (pathname === "/sign-in" || pathname.startsWith("/apply")) return;
  client.setQueryData(meQuery.queryKey, null);
  router.navigate({ to: "/sign-in", search: { from: href }, replace: true });
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // Without it a lost connection would leave a list loading for ever instead of saying so.
      networkMode: "always",
      retry: (tries, error) => tries < 1 && error instanceof ApiError && error.isTransient && error.status !== 429,
    },
    mutations: { retry: false, networkMode: "always" },
  },
});
const router = createPortalRouter(client);

// After a new version was put up, a page that is open asks for parts that are gone: it starts again with the new ones.
window.addEventListener("vite:preloadError", () => window.location.reload());

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
