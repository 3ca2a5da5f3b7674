import type { Ambassador, AmbassadorStatus } from "@laurel/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { Users } from "lucide-react";
import { formatRate } from "../../format/money.ts";
import { ambassadorWords, countryName } from "../../format/words.ts";
import { Time } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Segments } from "../../ui/segments.tsx";
import { Empty } from "../../ui/states.tsx";
import { type Column, rowLink, Table } from "../../ui/table.tsx";
import { ambassadorsQuery } from "./queries.ts";

const statuses: readonly AmbassadorStatus[] = ["active", "suspended", "banned", "left"];

const columns: Column<Ambassador>[] = [
  {
    head: "Name",
    cell: (row) => (
      <Link to="/ambassadors/$ambassadorId" params={{ ambassadorId: row.id }} className={rowLink}>
        {row.name}
      </Link>
    ),
  },
  { head: "Code", corner: true, cell: (row) => <span className="font-mono">{row.code}</span> },
  { head: "Tier", cell: (row) => `${row.tier.name}, ${formatRate(row.tier.rateBp)}` },
  { head: "Niche", cell: (row) => row.niche },
  { head: "Country", cell: (row) => countryName(row.country) },
  { head: "Joined", cell: (row) => <Time at={row.joinedAt} as="day" />, align: "end", className: "whitespace-nowrap" },
];

export function Ambassadors() {
  const search = getRouteApi("/staff/ambassadors").useSearch();
  const status = statuses.find((each) => each === search.status) ?? "active";
  const listing = useInfiniteQuery(ambassadorsQuery(status));
  return (
    <Page title="Ambassadors" lead="Everybody who speaks for you, newest first.">
      <Segments
        label="By status"
        items={statuses.map((each) => ({
          text: ambassadorWords[each].label,
          link: { to: "/ambassadors", search: each === "active" ? {} : { status: each } },
          current: each === status,
        }))}
      />
      <Pages
        listing={listing}
        empty={
          <Empty
            title={status === "active" ? "No ambassadors yet" : "Nobody here"}
            icon={<Users aria-hidden className="size-6" />}
          >
            {status === "active" ? (
              <>
                Approve an{" "}
                <Link to="/applications" className="link">
                  application
                </Link>
                , and the first one appears here with a code.
              </>
            ) : (
              `No ambassador is ${ambassadorWords[status].label.toLowerCase()}.`
            )}
          </Empty>
        }
      >
        {(rows) => <Table caption="Ambassadors" columns={columns} rows={rows} keyOf={(row) => row.id} />}
      </Pages>
    </Page>
  );
}
