import type { Application } from "@laurel/contract";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate, useParams } from "@tanstack/react-router";
import { ArrowLeft, Inbox, Keyboard } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { formatCount, formatShort } from "../../format/money.ts";
import { applicationWords, countryName, plural } from "../../format/words.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { Time } from "../../ui/figures.tsx";
import { useMedia } from "../../ui/media.ts";
import { usePageTitle } from "../../ui/page.tsx";
import { Pages, rowsOf } from "../../ui/pages.tsx";
import { mostSelected, SelectAll, SelectionBar } from "../../ui/selection.tsx";
import { Empty, Failure, SkeletonPage, SkeletonRows } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";
import { campaignsQuery, tiersQuery } from "../campaign/queries.ts";
import { canDecide, meQuery } from "../session/session.ts";
import { FirstStepsBanner } from "../setup/banner.tsx";
import { type Choice, type Decided, DecisionDialog } from "./decision.tsx";
import { ApplicationDetail } from "./detail.tsx";
import { Filters } from "./filter-bar.tsx";
import { filtersOf, isNarrowed } from "./filters.ts";
import { applicationQuery, applicationsQuery, dropFromLists } from "./queries.ts";
import { remember, useRecents } from "./recent.ts";
import { useShortcutSwitch, useShortcuts } from "./shortcuts.ts";
import { UndoBar, useUndo } from "./undo.tsx";

const route = getRouteApi("/staff/applications");

/** The queue: a list, and the one that is open beside it (on narrow screens instead of it). */
export function Review() {
  const search = route.useSearch();
  const filters = filtersOf(search);
  const { applicationId } = useParams({ strict: false });
  const navigate = useNavigate();
  const client = useQueryClient();
  const wide = useMedia("(min-width: 64rem)");
  const heading = usePageTitle("Applications");
  const { data: me } = useQuery(meQuery);
  const listing = useInfiniteQuery(applicationsQuery(filters));
  // What an approval offers to choose from is there before it is asked for, so that its dialog opens as a whole.
  useQuery({ ...campaignsQuery, enabled: canDecide(me) });
  useQuery({ ...tiersQuery, enabled: canDecide(me) });
  const rows = rowsOf(listing);
  const [choice, setChoice] = useState<Choice>();
  const [choiceOfMany, setChoiceOfMany] = useState<Choice>();
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const recents = useRecents();
  const undo = useUndo();
  const [shortcuts, toggleShortcuts] = useShortcutSwitch();
  const list = useRef<HTMLUListElement>(null);
  const detailHeading = useRef<HTMLHeadingElement>(null);

  // With room for both, the first is open from the start.
  const openId = applicationId ?? (wide ? rows[0]?.id : undefined);
  const detail = useQuery({
    ...applicationQuery(openId ?? ""),
    enabled: openId !== undefined,
    placeholderData: () => rows.find((row) => row.id === openId),
  });
  const open = detail.data;
  const decidable =
    canDecide(me) && open !== undefined && (open.status === "confirmed" || open.status === "waitlisted");

  const go = (id: string | undefined) =>
    id === undefined
      ? navigate({ to: "/applications", search, resetScroll: false })
      : navigate({ to: "/applications/$applicationId", params: { applicationId: id }, search, resetScroll: false });

  const move = (by: 1 | -1) => {
    if (rows.length === 0) return;
    const at = rows.findIndex((row) => row.id === openId);
    // The first press opens what is shown already as open; on narrow screens nothing is.
    const next = rows[Math.min(rows.length - 1, Math.max(0, at === -1 ? 0 : at + by))];
    if (!next) return;
    void go(next.id);
    list.current?.querySelector<HTMLElement>(`[data-id="${next.id}"]`)?.focus();
    announce(`${next.name}, ${rows.indexOf(next) + 1} of ${rows.length}${listing.hasNextPage ? " or more" : ""}.`);
  };

  const selectable = canDecide(me) && (filters.status === "confirmed" || filters.status === "waitlisted");
  // What is not shown any more is not selected any more.
  const selected = new Set(selectable ? rows.map((row) => row.id).filter((id) => picked.has(id)) : []);
  const pick = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id) && next.size < mostSelected) next.add(id);
    setPicked(next);
    announce(`${next.size} selected.`);
  };

  useShortcuts(shortcuts, {
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    ...(selectable && openId ? { x: () => pick(openId) } : {}),
    ...(canDecide(me) && recents[0] ? { u: () => recents[0] && undo.mutate(recents[0]) } : {}),
    ...(decidable
      ? {
          a: () => setChoice("approve"),
          ...(open.status === "confirmed" ? { w: () => setChoice("waitlist") } : {}),
          d: () => setChoice("decline"),
        }
      : {}),
  });

  useEffect(() => {
    if (!wide && applicationId) {
      window.scrollTo(0, 0);
      detailHeading.current?.focus({ preventScroll: true });
    }
  }, [wide, applicationId]);

  const decided = (result: Decided) => {
    if ("jobId" in result) {
      setPicked(new Set());
      void navigate({ to: "/jobs/$jobId", params: { jobId: result.jobId } });
      return;
    }
    const { application: done, undo: way } = result;
    if (way)
      remember({
        id: done.id,
        name: done.name,
        outcome: way.outcome,
        decidedAt: way.decidedAt,
        until: Date.now() + way.undoForMs,
      });
    const at = rows.findIndex((row) => row.id === done.id);
    const next = rows[at + 1] ?? rows[at - 1];
    setChoice(undefined);
    dropFromLists(client, done.id);
    void client.invalidateQueries({ queryKey: ["applications"] });
    void client.invalidateQueries({ queryKey: ["application", done.id] });
    void client.invalidateQueries({ queryKey: ["ambassadors"] });
    void go(wide ? next?.id : undefined).then(() =>
      requestAnimationFrame(() => (wide && next ? detailHeading : heading).current?.focus()),
    );
  };

  const reload = () => {
    setChoice(undefined);
    void client.invalidateQueries({ queryKey: ["applications"] });
    void client.invalidateQueries({ queryKey: ["application", openId] });
    announce("Reloaded.");
  };

  const showList = wide || !applicationId;
  const showDetail = wide || applicationId !== undefined;

  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-8 sm:px-6">
      <header className={cx("mb-5", !showList && "sr-only")}>
        <h1 ref={heading} tabIndex={-1} className="font-serif text-[2rem] leading-tight sm:text-4xl">
          Applications
        </h1>
      </header>
      {showList && <FirstStepsBanner />}
      {showList && <Filters key={JSON.stringify(search)} filters={filters} />}
      {canDecide(me) && <UndoBar recents={recents} />}

      <div className={cx("gap-6", wide && "grid grid-cols-[21rem_1fr] items-start")}>
        {showList && (
          <section aria-label="List of applications" className="min-w-0">
            <Pages
              listing={listing}
              loading={<SkeletonRows rows={6} label="Loading applications" />}
              empty={
                <Empty
                  title={filters.status === "confirmed" && !isNarrowed(filters) ? "All read" : "None like this"}
                  icon={<Inbox aria-hidden className="size-6" />}
                >
                  {isNarrowed(filters)
                    ? "No application matches these filters. Loosen one of them."
                    : filters.status === "confirmed"
                      ? "Nobody is waiting for a decision. New applications appear here once their e-mail is confirmed."
                      : `No application is ${applicationWords[filters.status].label.toLowerCase()} at the moment.`}
                </Empty>
              }
            >
              {(items) => (
                <>
                  <div className="mb-2 flex flex-wrap items-center justify-between gap-x-4">
                    <p className="text-sm text-soft">
                      {plural(items.length, "application", "applications")}
                      {listing.hasNextPage && " so far"}, newest first
                    </p>
                    {selectable && (
                      <SelectAll
                        shown={items.map((item) => item.id)}
                        selected={selected}
                        onChange={(ids) => setPicked(new Set(ids))}
                      />
                    )}
                  </div>
                  <ul ref={list} className="overflow-hidden rounded-xl border border-line bg-card shadow-card">
                    {items.map((item) => (
                      <li
                        key={item.id}
                        className={cx(
                          "flex border-line border-b border-l-4 last:border-b-0",
                          item.id === openId ? "border-l-leaf bg-leaf-wash" : "border-l-transparent hover:bg-sunk/60",
                        )}
                      >
                        {selectable && (
                          <label className="flex shrink-0 items-center pl-3.5">
                            <span className="sr-only">Select {item.name}</span>
                            <input
                              type="checkbox"
                              checked={selected.has(item.id)}
                              onChange={() => pick(item.id)}
                              className="size-5 accent-leaf"
                            />
                          </label>
                        )}
                        <Row item={item} current={item.id === openId} />
                      </li>
                    ))}
                  </ul>
                  {selected.size > 0 && (
                    <SelectionBar
                      label="Selected applications"
                      count={selected.size}
                      onClear={() => setPicked(new Set())}
                    >
                      <Button className="flex-1" onClick={() => setChoiceOfMany("approve")}>
                        Approve all
                      </Button>
                      <Button look="danger" className="flex-1" onClick={() => setChoiceOfMany("decline")}>
                        Decline all
                      </Button>
                    </SelectionBar>
                  )}
                </>
              )}
            </Pages>
          </section>
        )}

        {showDetail && (
          <section aria-label="The open application" className={cx("min-w-0", wide && "sticky top-20")}>
            {!wide && (
              <ButtonLink to="/applications" search={search} look="quiet" className="-ml-3 mb-3">
                <ArrowLeft aria-hidden className="size-4" />
                All applications
              </ButtonLink>
            )}
            {openId === undefined ? null : open ? (
              <ApplicationDetail
                application={open}
                headingRef={detailHeading}
                decidable={decidable}
                undoUntil={
                  canDecide(me) && typeof open.undoForMs === "number"
                    ? detail.dataUpdatedAt + open.undoForMs
                    : undefined
                }
                hints={shortcuts && wide}
                onChoose={setChoice}
              />
            ) : detail.isError ? (
              <Failure error={detail.error} retry={() => detail.refetch()} />
            ) : (
              <SkeletonPage label="Loading the application" />
            )}
            {wide && rows.length > 0 && <Hints on={shortcuts} toggle={toggleShortcuts} deciding={decidable} />}
          </section>
        )}
      </div>
      {open && choice && (
        <DecisionDialog
          key={choice + open.id}
          target={{ application: open }}
          choice={choice}
          onClose={() => setChoice(undefined)}
          onDecided={decided}
          onReload={reload}
        />
      )}
      {choiceOfMany && selected.size > 0 && (
        <DecisionDialog
          target={{ ids: [...selected] }}
          choice={choiceOfMany}
          onClose={() => setChoiceOfMany(undefined)}
          onDecided={decided}
          onReload={reload}
        />
      )}
    </div>
  );
}

function Row({ item, current }: { item: Application; current: boolean }) {
  const search = route.useSearch();
  return (
    <Link
      to="/applications/$applicationId"
      params={{ applicationId: item.id }}
      search={search}
      resetScroll={false}
      data-id={item.id}
      aria-current={current ? "true" : undefined}
      className="block min-w-0 flex-1 px-4 py-3.5 focus-visible:outline-offset-[-3px]"
    >
      <span className="flex items-baseline justify-between gap-3">
        <span dir="auto" className="min-w-0 truncate font-semibold">
          {item.name}
        </span>
        <Time at={item.submittedAt} as="relative" className="shrink-0 text-sm text-soft" />
      </span>
      <span className="mt-0.5 block truncate text-sm text-soft">
        {item.niche} · {countryName(item.country)} ·{" "}
        <span title={formatCount(item.maxFollowers)}>{formatShort(item.maxFollowers)}</span> followers
      </span>
    </Link>
  );
}

const Key = ({ children }: { children: string }) => (
  <kbd className="inline-flex min-w-6 justify-center rounded border border-edge bg-card px-1.5 font-mono text-xs leading-5">
    {children}
  </kbd>
);

function Hints({ on, toggle, deciding }: { on: boolean; toggle: () => void; deciding: boolean }) {
  return (
    <div className="mt-4 flex flex-wrap items-center gap-x-5 gap-y-2 text-sm text-soft">
      {on && (
        <>
          <span>
            <Key>j</Key> <Key>k</Key> next, previous
          </span>
          {deciding && (
            <span>
              <Key>a</Key> approve <Key>w</Key> waitlist <Key>d</Key> decline <Key>x</Key> select <Key>u</Key> undo
            </span>
          )}
        </>
      )}
      <button
        type="button"
        onClick={toggle}
        aria-pressed={on}
        className="ml-auto inline-flex min-h-9 items-center gap-1.5 rounded px-2 hover:text-ink"
      >
        <Keyboard aria-hidden className="size-4" />
        Keyboard shortcuts {on ? "on" : "off"}
      </button>
    </div>
  );
}
