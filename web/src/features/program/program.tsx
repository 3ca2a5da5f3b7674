import type { Program } from "@laurel/contract";
import { useQuery } from "@tanstack/react-query";
import { formatMoney } from "../../format/money.ts";
import { plural, questionWords } from "../../format/words.ts";
import { Time } from "../../ui/figures.tsx";
import { Card, Facts, Page } from "../../ui/page.tsx";
import { Failure, SkeletonPage } from "../../ui/states.tsx";
import { isOwner, meQuery } from "../session/session.ts";
import { programQuery } from "./queries.ts";
import { ProgramSettings } from "./settings.tsx";
import { ProgramTabs } from "./tabs.tsx";

/** The brand's settings: a form for owners, a page to read for everybody else of the team. */
export function ProgramPage() {
  const { data: me } = useQuery(meQuery);
  const program = useQuery(programQuery);
  const owner = isOwner(me);
  return (
    <Page
      title="Program"
      width="column"
      lead={
        program.data && (
          <>
            Last changed <Time at={program.data.updatedAt} as="relative" />.
            {!owner && " Only owners can change these settings."}
          </>
        )
      }
    >
      <ProgramTabs here="/program" />
      {program.isPending ? (
        <SkeletonPage label="Loading the program" />
      ) : program.isLoadingError ? (
        <Failure error={program.error} retry={() => program.refetch()} />
      ) : owner ? (
        <ProgramSettings program={program.data} />
      ) : (
        <Reading program={program.data} />
      )}
    </Page>
  );
}

const DocumentLine = ({ document: { version, url } }: { document: { version: string; url: string } }) => (
  <a href={url} target="_blank" rel="noopener" className="link">
    Version {version}
    <span className="sr-only"> (opens in a new tab)</span>
  </a>
);

function Reading({ program }: { program: Program }) {
  return (
    <div className="space-y-5">
      <Card title="The brand">
        <Facts
          items={[
            ["Name", program.name],
            ["Voice", program.voice],
            [
              "Shop",
              <a key="shop" href={program.shopUrl} className="link">
                {program.shopUrl}
              </a>,
            ],
            ["Time zone", program.timeZone],
            ["Currency", program.currency],
            ["Mails come from", program.senderName],
            ["Answers go to", program.replyTo ?? "Nobody"],
            ["Niches", program.niches.join(", ") || "None"],
          ]}
        />
      </Card>
      {program.questions.length > 0 && (
        <Card title="Questions of your own">
          <ol className="divide-y divide-line">
            {program.questions.map((question) => (
              <li key={question.id} className="py-2.5 first:pt-0 last:pb-0">
                <p>{question.label}</p>
                <p className="text-soft text-sm">
                  {questionWords[question.kind]}
                  {question.options && `: ${question.options.join(", ")}`}
                  {question.required ? ", has to be answered" : ", optional"}
                </p>
              </li>
            ))}
          </ol>
        </Card>
      )}
      <Card title="Money and claims">
        <Facts
          items={[
            ["Commission waits", plural(program.holdDays, "day", "days")],
            ["Claims are answered within", plural(program.claimDays, "day", "days")],
            [
              "One person may correct up to",
              program.approveAbove.map(({ currency, amountMinor }) => formatMoney(amountMinor, currency)).join(", ") ||
                "Nothing: a second one always looks",
            ],
          ]}
        />
      </Card>
      <Card title="Documents">
        <Facts
          items={[
            ["Guidelines", <DocumentLine key="guidelines" document={program.guidelines} />],
            ["Terms", <DocumentLine key="terms" document={program.terms} />],
            ["Privacy notice", <DocumentLine key="privacy" document={program.privacy} />],
          ]}
        />
      </Card>
    </div>
  );
}
