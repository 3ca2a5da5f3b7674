import type { Code } from "@laurel/contract";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { ReceiptText } from "lucide-react";
import { useEffect } from "react";
import { formatRate } from "../../format/money.ts";
import { ambassadorWords, codeWords, plural } from "../../format/words.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { ButtonLink } from "../../ui/button.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Money } from "../../ui/figures.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Bone, Empty, Failure } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { Balances } from "../ambassador/balances.tsx";
import { orderColumns } from "../order/columns.tsx";
import { ownOrdersQuery } from "../order/queries.ts";
import { ReleaseDay } from "../order/release-day.tsx";
import { meQuery } from "../session/session.ts";
import { CodeCard } from "./code-card.tsx";
import { OwnCode } from "./own-code.tsx";
import { ownBalancesQuery, ownCodesQuery, pendingCommissionsQuery } from "./queries.ts";
import { releasesOf } from "./releases.ts";

const columns = orderColumns("ambassador");

/** Where an ambassador begins: the code, the money, the orders. */
export function Home() {
  const { data: me } = useQuery(meQuery);
  const codes = useQuery(ownCodesQuery);
  const balances = useQuery(ownBalancesQuery);
  const orders = useInfiniteQuery(ownOrdersQuery());
  const ambassador = me?.ambassador;
  const first = codes.data?.find((code) => code.primary) ?? codes.data?.[0];
  const others = codes.data?.filter((code) => code !== first) ?? [];
  const mayChoose = ambassador?.mayChooseCode ?? false;

  // Where a checkout refused the code of their choice, the one before is first again, and they may choose anew.
  const client = useQueryClient();
  const firstCode = first?.code;
  useEffect(() => {
    if (firstCode) void client.invalidateQueries({ queryKey: meQuery.queryKey, exact: true });
  }, [client, firstCode]);

  return (
    <Page
      title="Home"
      heading={me ? `Hello ${me.name.split(" ")[0]}` : "Hello"}
      lead={
        ambassador && (
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
            {ambassador.status !== "active" && <StateBadge words={ambassadorWords[ambassador.status]} />}
            You are on the tier {ambassador.tier.name}: {formatRate(ambassador.tier.rateBp)} of every order that counts
            for you.
          </span>
        )
      }
    >
      {codes.isPending ? (
        <Bone className="h-64 w-full rounded-2xl" />
      ) : codes.isLoadingError ? (
        <Failure error={codes.error} retry={() => codes.refetch()} />
      ) : first ? (
        <CodeCard code={first} action={mayChoose && <OwnCode code={first} />} />
      ) : (
        <Empty title="No code yet">The team is preparing yours. It appears here by itself.</Empty>
      )}
      {others.length > 0 && <OtherCodes codes={others} mayChoose={mayChoose} />}

      <div className="mt-6 grid gap-5 lg:grid-cols-[3fr_2fr]">
        <Card title="Your earnings">
          {balances.isPending ? (
            <Bone className="h-20 w-full" />
          ) : balances.isLoadingError ? (
            <Failure error={balances.error} retry={() => balances.refetch()} />
          ) : (
            <Balances items={balances.data} yours />
          )}
        </Card>
        <Card title="Released next">
          <Releases />
        </Card>
      </div>

      <section aria-labelledby="orders" className="mt-10">
        <div className="mb-4 flex flex-wrap items-center justify-between gap-3">
          <h2 id="orders" className="font-serif text-2xl">
            Your orders
          </h2>
          <ButtonLink to="/home/claims" look="outline">
            Something missing?
          </ButtonLink>
        </div>
        <Pages
          listing={orders}
          empty={
            <Empty title="No orders yet" icon={<ReceiptText aria-hidden className="size-6" />}>
              Share your code or link. Each order that counts for you appears here with its receipt.
            </Empty>
          }
        >
          {(rows) => <Table caption="Your orders" columns={columns} rows={rows} keyOf={(row) => row.id} />}
        </Pages>
      </section>
    </Page>
  );
}

function OtherCodes({ codes, mayChoose }: { codes: Code[]; mayChoose: boolean }) {
  return (
    <Card title="More codes of yours" className="mt-5">
      <ul className="divide-y divide-line">
        {codes.map((code) => (
          <li key={code.code} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
            <span className="font-mono font-semibold text-lg">{code.code}</span>
            <StateBadge words={codeWords[code.state]} />
            <span className="min-w-0 flex-1 basis-48 text-[0.9375rem] text-soft">
              {code.state === "failed"
                ? `The shop could not make this code.${mayChoose ? " You may choose another one." : ""}`
                : `${code.campaignName} · ${code.offer}`}
            </span>
            <CopyButton text={code.link} what={`Link of ${code.code}`} look="quiet" />
          </li>
        ))}
      </ul>
    </Card>
  );
}

const shownReleases = 5;

function Releases() {
  const pending = useQuery(pendingCommissionsQuery);
  if (pending.isPending) return <Bone className="h-20 w-full" />;
  if (pending.isLoadingError) return <Failure error={pending.error} retry={() => pending.refetch()} />;
  const releases = releasesOf(pending.data);
  if (releases.length === 0)
    return (
      <p className="text-soft">Nothing is waiting. A new commission waits a while, in case the order is sent back.</p>
    );
  return (
    <>
      <ul className="divide-y divide-line">
        {releases.slice(0, shownReleases).map((release) => (
          <li
            key={release.releaseDay + release.currency}
            className="flex items-baseline justify-between gap-4 py-2 first:pt-0 last:pb-0"
          >
            <span>
              <ReleaseDay of={release} />
              <span className="block text-sm text-soft">{plural(release.orders, "order", "orders")}</span>
            </span>
            <Money minor={release.amountMinor} currency={release.currency} className="font-semibold" />
          </li>
        ))}
      </ul>
      {releases.length > shownReleases && (
        <p className="mt-3 text-sm text-soft">
          and on {plural(releases.length - shownReleases, "later day", "later days")}
        </p>
      )}
    </>
  );
}
