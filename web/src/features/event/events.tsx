import type { Event } from "@laurel/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { Webhook } from "lucide-react";
import { Fragment } from "react";
import { eventWords } from "../../format/words.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Field } from "../../ui/field.tsx";
import { Time } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Empty } from "../../ui/states.tsx";
import { type Column, rowLink, Table } from "../../ui/table.tsx";
import { Plumbing } from "./plumbing.tsx";
import { eventStatuses, eventsQuery } from "./queries.ts";

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
  { head: "What was done", cell: (row) => row.outcome },
  { head: "Received", cell: (row) => <Time at={row.receivedAt} />, align: "end", className: "whitespace-nowrap" },
];

export function Events() {
  const search = getRouteApi("/staff/events").useSearch();
  const navigate = useNavigate();
  const status = eventStatuses.find((each) => each === search.status);
  const listing = useInfiniteQuery(eventsQuery(status));
  return (
    <Page title="Events" lead="Every webhook that arrived, what was done with it, and why.">
      <Plumbing here="events" />
      <Field label="Status" plain className="mb-5 max-w-56">
        {(parts) => (
          <select
            {...parts}
            value={status ?? ""}
            onChange={(event) =>
              navigate({
                to: "/events",
                search: event.target.value ? { status: event.target.value } : {},
                resetScroll: false,
              })
            }
            className="field-box"
          >
            <option value="">All</option>
            {eventStatuses.map((each) => (
              <option key={each} value={each}>
                {eventWords[each].label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Pages
        listing={listing}
        empty={
          <Empty
            title={status ? "None like this" : "Nothing has arrived yet"}
            icon={<Webhook aria-hidden className="size-6" />}
          >
            {status
              ? `No event is ${eventWords[status].label.toLowerCase()}.`
              : "Point the checkout's webhook at this program's address, and its events appear here."}
          </Empty>
        }
      >
        {(rows) => <Table caption="Events" columns={columns} rows={rows} keyOf={(row) => row.id} />}
      </Pages>
    </Page>
  );
}
