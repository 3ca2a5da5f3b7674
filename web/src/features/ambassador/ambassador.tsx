import type { Ambassador, Code } from "@laurel/contract";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { formatRate } from "../../format/money.ts";
import { ambassadorWords, codeWords, countryName } from "../../format/words.ts";
import { Back } from "../../ui/back.tsx";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { CopyButton } from "../../ui/copy-button.tsx";
import { Time } from "../../ui/figures.tsx";
import { Card, Facts, Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Bone, Empty, Failure, SkeletonPage } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { RotateCode } from "../flag/rotate.tsx";
import { MailTroubleNote } from "../mailbox/mail-trouble.tsx";
import { orderColumns } from "../order/columns.tsx";
import { ordersQuery } from "../order/queries.ts";
import { Balances } from "./balances.tsx";
import { PutAgain } from "./put-again.tsx";
import { ambassadorQuery, balancesQuery } from "./queries.ts";

const columns = orderColumns("staff");

export function AmbassadorPage() {
  const { ambassadorId } = getRouteApi("/staff/ambassadors/$ambassadorId").useParams();
  const ambassador = useQuery(ambassadorQuery(ambassadorId));
  const balances = useQuery(balancesQuery(ambassadorId));
  const orders = useInfiniteQuery(ordersQuery({ ambassadorId }));
  const back = <Back to="/ambassadors">Ambassadors</Back>;

  if (ambassador.isPending)
    return (
      <Page title="Ambassador" eyebrow={back}>
        <SkeletonPage label="Loading the ambassador" />
      </Page>
    );
  if (ambassador.isLoadingError)
    return (
      <Page title="Ambassador" eyebrow={back}>
        <Failure error={ambassador.error} retry={() => ambassador.refetch()} />
      </Page>
    );

  const person = ambassador.data;
  return (
    <Page
      key={person.id}
      title={person.name}
      eyebrow={back}
      heading={person.name}
      lead={
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <StateBadge words={ambassadorWords[person.status]} />
          {person.tier.name}, {formatRate(person.tier.rateBp)} commission
        </span>
      }
    >
      <MailTroubleNote trouble={person.mailTrouble} name={person.name} className="mb-5" />
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <Card title="Codes">
          {person.codes.length === 0 ? (
            <p className="text-soft">No code yet.</p>
          ) : (
            <ul className="divide-y divide-line">
              {person.codes.map((code) => (
                <li key={code.code} className="py-4 first:pt-0 last:pb-0">
                  <CodeRow code={code} ambassador={person} />
                </li>
              ))}
            </ul>
          )}
        </Card>
        <div className="space-y-5">
          <Card title="Balances">
            {balances.isPending ? (
              <Bone className="h-16 w-full" />
            ) : balances.isLoadingError ? (
              <Failure error={balances.error} retry={() => balances.refetch()} />
            ) : (
              <Balances items={balances.data} yours={false} />
            )}
          </Card>
          <Card title="About">
            <Facts
              items={[
                [
                  "E-mail",
                  <a key="mail" href={`mailto:${person.email}`} className="link">
                    {person.email}
                  </a>,
                ],
                ["Niche", person.niche],
                ["Country", countryName(person.country)],
                ["Joined", <Time key="joined" at={person.joinedAt} as="day" />],
                [
                  "Flags",
                  <Link key="flags" to="/flags" search={{ ambassadorId: person.id }} className="link">
                    Open fraud signals
                  </Link>,
                ],
                [
                  "History",
                  <Link key="audit" to="/audit" search={{ subject: person.id }} className="link">
                    Decisions in the audit log
                  </Link>,
                ],
              ]}
            />
          </Card>
        </div>
      </div>
      <section aria-labelledby="orders" className="mt-10">
        <h2 id="orders" className="mb-4 font-serif text-2xl">
          Orders
        </h2>
        <Pages
          listing={orders}
          empty={
            <Empty title="No orders yet">Orders that count for {person.name} appear here, each with its receipt.</Empty>
          }
        >
          {(rows) => (
            <Table caption={`Orders of ${person.name}`} columns={columns} rows={rows} keyOf={(row) => row.id} />
          )}
        </Pages>
      </section>
    </Page>
  );
}

function CodeRow({ code, ambassador }: { code: Code; ambassador: Ambassador }) {
  return (
    <div>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="flex flex-wrap items-center gap-2.5">
          <span className="font-mono font-semibold text-xl tracking-wide">{code.code}</span>
          <StateBadge words={codeWords[code.state]} />
          {code.primary && <Badge>Primary</Badge>}
        </div>
        <div className="flex flex-wrap gap-2">
          {ambassador.status === "active" && code.state === "active" && !code.endsAt && (
            <RotateCode ambassadorId={ambassador.id} code={code.code} />
          )}
          <CopyButton text={code.code} what="Code" />
        </div>
      </div>
      <p className="mt-1 text-[0.9375rem] text-soft">
        {code.campaignName} · {code.offer}
      </p>
      {code.state === "failed" && (
        <div className="mt-2 rounded-lg bg-bad-wash px-3 py-2.5 text-[0.9375rem]">
          <p>Customers can't use it. {code.stateReason ?? "The checkout gave no reason."}</p>
          {ambassador.status === "active" && !code.endsAt && (
            <div className="mt-2.5 flex flex-wrap gap-2">
              <PutAgain ambassadorId={ambassador.id} code={code.code} />
              {code.primary && <RotateCode ambassadorId={ambassador.id} code={code.code} failed />}
            </div>
          )}
        </div>
      )}
      {code.state === "activating" && (
        <p className="mt-2 text-sm text-soft">On its way to the checkout. Customers can use it in a moment.</p>
      )}
      {code.endsAt && (
        <p className="mt-2 rounded-lg bg-wait-wash px-3 py-2 text-[0.9375rem]">
          Replaced. It {Date.parse(code.endsAt) > Date.now() ? "works" : "worked"} until <Time at={code.endsAt} />.
        </p>
      )}
      <p className="mt-1 text-sm text-soft">
        Since <Time at={code.createdAt} as="day" />
        {code.promotionCodeId && (
          <>
            {" · "}
            <span className="font-mono">{code.promotionCodeId}</span>
          </>
        )}
      </p>
    </div>
  );
}
