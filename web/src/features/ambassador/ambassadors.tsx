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

const lists: readonly (AmbassadorStatus | "code_failed")[] = ["active", "code_failed", "suspended", "banned", "left"];
const labelOf = (list: (typeof lists)[number]) => (list === "code_failed" ? "Code fails" : ambassadorWords[list].label);

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
  const list = lists.find((each) => each === search.status) ?? "active";
  const listing = useInfiniteQuery(ambassadorsQuery(list));
  return (
    <Page title="Ambassadors" lead="Everybody who speaks for you, newest first.">
      <Segments
        label="By status"
        items={lists.map((each) => ({
          text: labelOf(each),
          link: { to: "/ambassadors", search: each === "active" ? {} : { status: each } },
          current: each === list,
        }))}
      />
      <Pages
        listing={listing}
        empty={
          <Empty
            title={
              list === "active" ? "No ambassadors yet" : list === "code_failed" ? "Every code works" : "Nobody here"
            }
            icon={<Users aria-hidden className="size-6" />}
          >
            {list === "active" ? (
              <>
                Approve an{" "}
                <Link to="/applications" className="link">
                  application
                </Link>
                , and the first one appears here with a code.
              </>
            ) : list === "code_failed" ? (
              "Ambassadors whose code a checkout does not take appear here, so that you can put it right."
            ) : (
              `No ambassador is ${labelOf(list).toLowerCase()}.`
            )}
          </Empty>
        }
      >
        {(rows) => <Table caption="Ambassadors" columns={columns} rows={rows} keyOf={(row) => row.id} />}
      </Pages>
    </Page>
  );
}
