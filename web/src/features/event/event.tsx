import type { Event } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RotateCcw } from "lucide-react";
import type { ReactNode } from "react";
import { post } from "../../api/client.ts";
import { eventWords } from "../../format/words.ts";
import { Back } from "../../ui/back.tsx";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Time } from "../../ui/figures.tsx";
import { Card, Facts, Page } from "../../ui/page.tsx";
import { Failure, SkeletonPage } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { canDecide, meQuery } from "../session/session.ts";
import { eventPath, eventQuery } from "./queries.ts";

/** What somebody who reads this can do about it. */
const nextSteps: Partial<Record<Event["status"], string>> = {
  unprocessable:
    "Nothing of it was counted. If what was sent looks wrong, mend it at the checkout and have it sent again. If it looks right, replay it after Laurel was updated.",
  failed: "Nothing of it was counted. When what stood in the way is over, replay it.",
  waiting: "Nothing to do: it is tried again by itself, eight times in all.",
};
const next = ({ status }: Event): [string, ReactNode][] => {
  const step = nextSteps[status];
  return step ? [["What to do", step]] : [];
};

export function EventPage() {
  const { eventId } = getRouteApi("/staff/events/$eventId").useParams();
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const event = useQuery(eventQuery(eventId));
  const replay = useMutation({
    mutationFn: () => post<Event | undefined>(`${eventPath(eventId)}/replay`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["event", eventId] });
      void client.invalidateQueries({ queryKey: ["events"] });
      const now = client.getQueryData(eventQuery(eventId).queryKey);
      toast(now ? `Replayed: ${eventWords[now.status].label.toLowerCase()}.` : "Replayed.");
    },
  });

  return (
    <Page
      title="Event"
      heading={event.data ? <span className="font-mono text-2xl sm:text-3xl">{event.data.type}</span> : "Event"}
      eyebrow={<Back to="/events">Events</Back>}
      actions={
        event.data &&
        canDecide(me) && (
          <Button look="outline" busy={replay.isPending} onClick={() => replay.mutate()}>
            <RotateCcw aria-hidden className="size-4" />
            Replay
          </Button>
        )
      }
    >
      {replay.isError && <Failure error={replay.error} className="mb-5" />}
      {event.isPending ? (
        <SkeletonPage label="Loading the event" />
      ) : event.isLoadingError ? (
        <Failure error={event.error} retry={() => event.refetch()} />
      ) : (
        <div className="space-y-5">
          <Card>
            <Facts
              items={[
                ["Status", <StateBadge key="status" words={eventWords[event.data.status]} />],
                ["What was done", event.data.outcome],
                ...next(event.data),
                ...(event.data.orderId
                  ? [
                      [
                        "Order",
                        <Link
                          key="order"
                          to="/orders/$orderId"
                          params={{ orderId: event.data.orderId }}
                          className="link"
                        >
                          Open the receipt
                        </Link>,
                      ] as [string, ReactNode],
                    ]
                  : []),
                ["Received", <Time key="received" at={event.data.receivedAt} />],
                [
                  "How it came",
                  event.data.source === "comparison"
                    ? "The checkout never delivered it. It stood in the checkout's own list when the two were compared."
                    : "By webhook",
                ],
                ["Tries", String(event.data.attempts)],
                ...(event.data.nextAttemptAt
                  ? [["Next try", <Time key="next" at={event.data.nextAttemptAt} />] as [string, ReactNode]]
                  : []),
                [
                  "Provider's id",
                  <span key="id" className="font-mono text-sm">
                    {event.data.providerEventId}
                  </span>,
                ],
                [
                  "Connection",
                  <span key="connection" className="font-mono text-sm">
                    {event.data.connectionId}
                  </span>,
                ],
              ]}
            />
          </Card>
          <Card title="What was sent">
            {event.data.payload === null || event.data.payload === undefined ? (
              <p className="text-soft">
                No longer kept: what a provider sent is deleted after 14 days, or as soon as a buyer's data is erased.
              </p>
            ) : (
              <>
                <p className="mb-3 text-sm text-soft">Everything about the buyer is blacked out.</p>
                <section
                  aria-label="Payload"
                  // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
                  tabIndex={0}
                  className="max-h-[32rem] overflow-auto rounded-lg bg-sunk p-4"
                >
                  <pre className="font-mono text-[0.8125rem] leading-relaxed">
                    {JSON.stringify(event.data.payload, null, 2)}
                  </pre>
                </section>
              </>
            )}
          </Card>
        </div>
      )}
    </Page>
  );
}
