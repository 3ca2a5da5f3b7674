import type { Event } from "@laurel/contract";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Webhook } from "lucide-react";
import { Fragment } from "react";
import { eventWords } from "../../format/words.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Time } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages, rowsOf } from "../../ui/pages.tsx";
import { Empty } from "../../ui/states.tsx";
import { type Column, rowLink, Table } from "../../ui/table.tsx";
import { canDecide, meQuery } from "../session/session.ts";
import { EventFilters } from "./filters.tsx";
import { Plumbing } from "./plumbing.tsx";
import { eventsQuery, filterOf } from "./queries.ts";
import { ReplayMany } from "./replay-many.tsx";

/** A provider's type, which on narrow screens breaks after its dots. */
const TypeName = ({ type }: { type: string }) =>
  type.split(/(?<=\.)/).map((part, at) => (
    <Fragment key={part}>
      {at > 0 && <wbr />}
      {part}
    </Fragment>
  ));

const columns: Column<Event>[] = [
  {
    head: "Type",
    cell: (row) => (
      <Link to="/events/$eventId" params={{ eventId: row.id }} className={`${rowLink} font-mono`}>
        <TypeName type={row.type} />
      </Link>
    ),
    className: "md:whitespace-nowrap",
  },
  { head: "Status", corner: true, cell: (row) => <StateBadge words={eventWords[row.status]} /> },
  {
    head: "What was done",
    cell: (row) => (
      <>
        {row.outcome}
        {row.source === "comparison" && (
          <span className="mt-0.5 block text-sm text-soft">Never delivered; found in the checkout's own list.</span>
        )}
      </>
    ),
  },
  { head: "Received", cell: (row) => <Time at={row.receivedAt} />, align: "end", className: "whitespace-nowrap" },
];

export function Events() {
  const search = getRouteApi("/staff/events").useSearch();
  const { data: me } = useQuery(meQuery);
  const filter = filterOf(search);
  const listing = useInfiniteQuery(eventsQuery(filter));
  const narrowed = Object.values(filter).some(Boolean);
  const some = rowsOf(listing).length > 0;
  return (
    <Page
      title="Events"
      lead="Every webhook that arrived, what was done with it, and why."
      actions={canDecide(me) && narrowed && some && <ReplayMany filter={filter} />}
    >
      <Plumbing here="events" />
      <EventFilters search={search} />
      {some && filter.status === "dead" && (
        <p className="mb-5 rounded-lg bg-wait-wash px-4 py-3 text-[0.9375rem]">
          Nothing of these was counted. Open one to read why and what was sent. Once the reason is mended, at the
          checkout or by a newer version of Laurel, replay it; what has been kept for 28 days is deleted.
        </p>
      )}
      <Pages
        listing={listing}
        empty={
          <Empty
            title={
              filter.status === "dead"
                ? "Nothing waits for you"
                : narrowed
                  ? "None like this"
                  : "Nothing has arrived yet"
            }
            icon={<Webhook aria-hidden className="size-6" />}
          >
            {filter.status === "dead"
              ? "Every event was understood and decided."
              : filter.source === "comparison"
                ? "Everything that the checkouts list was delivered here. They are compared once a day."
                : narrowed
                  ? "No event meets these filters. Clear one of them to see more."
                  : "Point the checkout's webhook at this program's address, and its events appear here."}
          </Empty>
        }
      >
        {(rows) => <Table caption="Events" columns={columns} rows={rows} keyOf={(row) => row.id} />}
      </Pages>
    </Page>
  );
}
