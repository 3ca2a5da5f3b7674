import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./api/problem.ts";
import { meQuery } from "./features/session/session.ts";
import { createPortalRouter } from "./routes/router.tsx";
import { toast } from "./ui/toast.tsx";

// Zod compiles schemas with `new Function` where it may; our content policy forbids that, and even the probe is reported.
// No schema is loaded before this line: they come with the screens that have forms.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

/** What somebody is in the middle of: a form with changes, or a dialog. */
const atWork = () => document.querySelector("[data-unsaved], [role=dialog], [role=alertdialog]") !== null;
let toldRecently = false;

/**
 * A session that ended meanwhile: go and sign in, then come back here. Who would lose what they typed stays, and is told:
 * a sign-in in another tab holds in this one too.
 */
async function onError(error: Error, stay: boolean): Promise<void> {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  const { pathname, href } = router.state.location;
  if (pathname === "/sign-in" || pathname.startsWith("/apply")) return;
  if (!stay) {
    await router.navigate({ to: "/sign-in", search: { from: href }, replace: true });
    client.setQueryData(meQuery.queryKey, null);
  } else if (!toldRecently) {
    // Once, however many requests find out.
    toldRecently = true;
    setTimeout(() => {
      toldRecently = false;
    }, 10_000);
    toast("Your session has ended. Sign in in another tab, then try again: what you typed stays here.", "bad", {
      label: "Sign in",
      run: () => window.open("/sign-in", "_blank"),
    });
  }
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError: (error) => void onError(error, atWork()) }),
  mutationCache: new MutationCache({ onError: (error) => void onError(error, true) }),
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
