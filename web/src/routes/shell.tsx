import type { Me } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, type LinkProps, Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { Menu, X } from "lucide-react";
import { useEffect, useState } from "react";
import { look } from "../api/client.ts";
import {
  canReadAudit,
  isAmbassador,
  isStaff,
  landingOf,
  meQuery,
  publicProgramQuery,
} from "../features/session/session.ts";
import { setupQuery } from "../features/setup/queries.ts";
import { roleWords } from "../format/words.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { cx } from "../ui/cx.ts";
import { LaurelMark } from "../ui/laurel.tsx";
import { Toasts, toast } from "../ui/toast.tsx";

interface Place {
  to: NonNullable<LinkProps["to"]>;
  label: string;
  /** Other paths that belong to the place. */
  also?: readonly string[];
}

function placesOf(me: Me, setUp: boolean): Place[] {
  const places: Place[] = [];
  if (!setUp) places.push({ to: "/setup", label: "First steps" });
  if (isAmbassador(me)) places.push({ to: "/home", label: isStaff(me) ? "My code" : "Home" });
  if (isStaff(me)) {
    places.push(
      { to: "/applications", label: "Applications" },
      { to: "/ambassadors", label: "Ambassadors" },
      { to: "/orders", label: "Orders", also: ["/corrections"] },
      { to: "/claims", label: "Claims" },
      { to: "/flags", label: "Flags" },
      { to: "/events", label: "Events", also: ["/effects", "/connections"] },
    );
    if (canReadAudit(me)) places.push({ to: "/audit", label: "Audit" });
    places.push({ to: "/program", label: "Program" });
  }
  return places;
}

function Brand({ to }: { to: "/" | "/applications" | "/home" }) {
  const program = useQuery(publicProgramQuery);
  return (
    <Link
      to={to}
      className="flex min-w-0 items-center gap-2.5 rounded-md py-1"
      aria-label={`${program.data?.name ?? "Laurel"}, start page`}
    >
      <LaurelMark className="size-8 shrink-0 text-leaf" />
      <span className="truncate font-serif text-lg leading-tight">{program.data?.name ?? "Laurel"}</span>
    </Link>
  );
}

function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () => look("/api/auth/sign-out", {}),
    onSuccess: async () => {
      client.clear();
      client.setQueryData(meQuery.queryKey, null);
      await navigate({ to: "/" });
      toast("You are signed out.");
    },
    onError: (error) => toast(error.message, "bad"),
  });
}

function Places({ places, path, column = false }: { places: Place[]; path: string; column?: boolean }) {
  return (
    <ul className={cx("flex", column ? "flex-col gap-0.5" : "items-center")}>
      {places.map(({ to, label, also }) => {
        const here = [to, ...(also ?? [])].some((each) => path === each || path.startsWith(`${each}/`));
        return (
          <li key={to}>
            <Link
              to={to}
              activeProps={{}}
              aria-current={here ? "page" : undefined}
              className={cx(
                "block whitespace-nowrap rounded-lg px-2 py-2 text-[0.9375rem] transition-colors hover:bg-sunk",
                here ? "bg-leaf-wash font-semibold text-leaf" : "text-ink",
                column && "px-3 py-2.5",
              )}
            >
              {label}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** The frame around every screen: skip link, who is here, where to go, and the live region. */
export function Shell() {
  const { data: me } = useQuery(meQuery);
  const { data: setup } = useQuery(setupQuery(me));
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [open, setOpen] = useState(false);
  const signOut = useSignOut();
  const places = me ? placesOf(me, setup?.finished ?? true) : [];

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new place closes the menu
  useEffect(() => setOpen(false), [path]);

  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && setOpen(false);
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [open]);

  const who = me && (
    <div className="min-w-0 text-sm leading-tight">
      <div className="truncate font-semibold">{me.name}</div>
      <div className="truncate text-soft">{me.roles.map((role) => roleWords[role]).join(", ")}</div>
    </div>
  );

  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only z-50 rounded-lg bg-leaf px-4 py-2 text-on-leaf focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </a>
      <header className="sticky top-0 z-30 border-line border-b bg-paper print:hidden">
        {/* Wider than what is under it: eight places, the program's name and one's own do not fit into that. */}
        <div className="mx-auto flex min-h-16 w-full max-w-6xl items-center gap-4 px-4 sm:px-6 xl:max-w-7xl">
          <Brand to={landingOf(me)} />
          {me ? (
            <>
              <nav aria-label="Main" className="ml-2 hidden shrink-0 xl:block">
                <Places places={places} path={path} />
              </nav>
              <div className="ml-auto hidden min-w-0 items-center gap-1 xl:flex">
                {who}
                <Button
                  look="quiet"
                  className="shrink-0 whitespace-nowrap px-3"
                  busy={signOut.isPending}
                  onClick={() => signOut.mutate()}
                >
                  Sign out
                </Button>
              </div>
              <Button
                look="quiet"
                className="ml-auto px-3 xl:hidden"
                aria-expanded={open}
                aria-controls="menu"
                onClick={() => setOpen((before) => !before)}
              >
                {open ? <X aria-hidden className="size-5" /> : <Menu aria-hidden className="size-5" />}
                Menu
              </Button>
            </>
          ) : (
            me === null &&
            path !== "/sign-in" && (
              <ButtonLink to="/sign-in" look="quiet" className="ml-auto">
                Sign in
              </ButtonLink>
            )
          )}
        </div>
        {me && (
          <div id="menu" hidden={!open} className="border-line border-t px-4 pt-2 pb-4 sm:px-6 xl:hidden">
            <nav aria-label="Main menu">
              <Places places={places} path={path} column />
            </nav>
            <div className="mt-3 flex items-center justify-between gap-3 border-line border-t pt-3">
              {who}
              <Button look="outline" busy={signOut.isPending} onClick={() => signOut.mutate()}>
                Sign out
              </Button>
            </div>
          </div>
        )}
      </header>
      <main id="content" tabIndex={-1} className="w-full flex-1 outline-none">
        <Outlet />
      </main>
      <Footer />
      <Toasts />
    </div>
  );
}

function Footer() {
  const program = useQuery(publicProgramQuery);
  if (!program.data) return null;
  const { name, shopUrl, guidelines, terms, privacy } = program.data;
  const links: [string, string][] = [
    [name, shopUrl],
    ["Guidelines", guidelines.url],
    ["Terms", terms.url],
    ["Privacy", privacy.url],
    ["Licences", "/licences.txt"],
  ];
  return (
    <footer className="border-line border-t print:hidden">
      <ul className="mx-auto flex w-full max-w-6xl flex-wrap gap-x-6 gap-y-1 px-4 py-5 text-sm text-soft sm:px-6">
        {links.map(([label, href]) => (
          <li key={label}>
            <a href={href} className="inline-block rounded py-1 underline-offset-4 hover:text-ink hover:underline">
              {label}
            </a>
          </li>
        ))}
      </ul>
    </footer>
  );
}
