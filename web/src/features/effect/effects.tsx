import type { Effect } from "@laurel/contract";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { RotateCw, Send } from "lucide-react";
import { post } from "../../api/client.ts";
import { pages } from "../../api/pages.ts";
import { plural } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Time } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Empty } from "../../ui/states.tsx";
import { type Column, Table } from "../../ui/table.tsx";
import { toast } from "../../ui/toast.tsx";
import { Plumbing } from "../event/plumbing.tsx";
import { AllowMail } from "../mailbox/mail-trouble.tsx";
import { canDecide, meQuery } from "../session/session.ts";

const kinds: Record<string, string> = {
  "mail.application_confirm": "Mail: confirm the application",
  "mail.application_status": "Mail: link to the application",
  "mail.application_decided": "Mail: the decision",
  "mail.approval_undone": "Mail: the approval was a mistake",
  "mail.sign_in": "Mail: sign-in",
  "mail.you_earned": "Mail: you earned",
  "mail.claim_decided": "Mail: a claim was decided",
  "mail.code_rotated": "Mail: a new code",
  "order.screen": "Look for fraud signals",
  "code.sync": "Code at the checkout",
  "code.check": "Look whether a code works",
  "campaign.check": "Look whether a campaign's codes work",
  "connection.webhook": "Webhook at the checkout",
  "connection.tidy": "Former webhook, deleted",
  "connection.close": "Connection, ended",
  "promotion_code.fetch": "Look a promotion code up",
  "order.find_checkout": "Look for an order's checkout",
  "order.decide": "Decide an order again",
  "customer.decide": "Decide a customer's orders again",
  "privacy.fulfil": "Answer a buyer about their data",
};

const states = ["dead", "skipped", "waiting"] as const;
const words = { dead: "Given up", skipped: "Skipped", waiting: "Waiting" };
const empty: Record<(typeof states)[number], [title: string, why: string]> = {
  dead: ["All done", "No mail and no code had to be given up."],
  skipped: ["None skipped", "No mail was held back because of the address that it goes to."],
  waiting: ["Nothing waits", "Every mail and every code is where it should be."],
};

const effectsQuery = (state: (typeof states)[number]) => pages<Effect>(["effects"], "/api/effects", { state });

export function Effects() {
  const search = getRouteApi("/staff/effects").useSearch();
  const state = states.find((each) => each === search.state) ?? "dead";
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const listing = useInfiniteQuery(effectsQuery(state));
  const retry = useMutation({
    mutationFn: (id: string) => post(`/api/effects/${encodeURIComponent(id)}/retry`),
    onSuccess: () => {
      toast("It is tried again now.");
      void client.invalidateQueries({ queryKey: ["effects"] });
    },
    onError: (error) => toast(error.message, "bad"),
  });

  const columns: Column<Effect>[] = [
    {
      head: "Effect",
      cell: (row) => (
        <>
          <span className="font-semibold">{kinds[row.kind] ?? row.kind}</span>
          {row.person && <span className="block">To {row.person.name}</span>}
          <span className="block break-all font-mono text-soft text-xs">{row.subject}</span>
        </>
      ),
    },
    {
      head: state === "skipped" ? "Why" : "Last error",
      cell: (row) => row.lastError ?? <span className="text-soft">None</span>,
    },
    { head: "Tries", cell: (row) => row.attempts, align: "end" },
    state !== "waiting"
      ? {
          head: "Since",
          cell: (row) => <Time at={row.createdAt} as="day" />,
          align: "end",
          className: "md:whitespace-nowrap",
        }
      : {
          head: "Next try",
          cell: (row) => (row.nextAttemptAt ? <Time at={row.nextAttemptAt} /> : "Now"),
          align: "end",
        },
    ...(state !== "waiting" && canDecide(me)
      ? [
          {
            head: "Action",
            // What would be skipped again needs the person's word first.
            cell: (row: Effect) =>
              row.person?.mailTrouble?.stopped ? (
                <AllowMail
                  trouble={row.person.mailTrouble}
                  name={row.person.name}
                  className="relative whitespace-nowrap"
                />
              ) : (
                <Button
                  look="outline"
                  className="relative whitespace-nowrap"
                  busy={retry.isPending && retry.variables === row.id}
                  aria-label={`Try again: ${kinds[row.kind] ?? row.kind}, ${row.subject}`}
                  onClick={() => retry.mutate(row.id)}
                >
                  <RotateCw aria-hidden className="size-4" />
                  Try again
                </Button>
              ),
            align: "end" as const,
          },
        ]
      : []),
  ];

  return (
    <Page
      title="Effects"
      lead="What is done outside: mails, codes and webhooks at the checkout. Each is tried eight times before it is given up; a mail whose address takes none is skipped."
    >
      <Plumbing here="effects" />
      <Field label="State" plain className="mb-5 max-w-56">
        {(parts) => (
          <select
            {...parts}
            value={state}
            onChange={(event) =>
              navigate({
                to: "/effects",
                search: event.target.value === "dead" ? {} : { state: event.target.value },
                resetScroll: false,
              })
            }
            className="field-box"
          >
            {states.map((each) => (
              <option key={each} value={each}>
                {words[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Pages
        listing={listing}
        empty={
          <Empty title={empty[state][0]} icon={<Send aria-hidden className="size-6" />}>
            {empty[state][1]}
          </Empty>
        }
      >
        {(rows) => (
          <>
            <p className="mb-2 text-sm text-soft">{plural(rows.length, "effect", "effects")}</p>
            <Table caption="Effects" columns={columns} rows={rows} keyOf={(row) => row.id} />
          </>
        )}
      </Pages>
    </Page>
  );
}
