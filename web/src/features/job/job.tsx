import type { Job, JobDetail, JobKindName, JobRow, JobState } from "@laurel/contract";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Undo2 } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { post } from "../../api/client.ts";
import { plural, type Tone } from "../../format/words.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Confirm } from "../../ui/dialog.tsx";
import { Time } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Failure, SkeletonPage } from "../../ui/states.tsx";
import { type Column, rowLink, Table } from "../../ui/table.tsx";
import { TimeLeft, useTimeLeft } from "../../ui/time-left.tsx";
import { announce } from "../../ui/toast.tsx";
import { canDecide, meQuery } from "../session/session.ts";
import { isOpen, jobQuery, sorted } from "./queries.ts";

const titles: Record<JobKindName, string> = {
  "applications.approve": "Approving applications",
  "applications.decline": "Declining applications",
  "applications.undo": "Undoing decisions",
  "connection.codes": "Putting codes at a checkout",
  "connection.compare": "Comparing with a checkout's own list",
  "customers.import": "Taking in customers from before",
  "events.replay": "Replaying events",
  "flags.resolve": "Resolving flags",
  simulation: "Trying other rules",
};
const doneWords: Record<JobKindName, string> = {
  "applications.approve": "Approved",
  "applications.decline": "Declined",
  "applications.undo": "Undone",
  "connection.codes": "Put there",
  "connection.compare": "Found",
  "customers.import": "Taken in",
  "events.replay": "Replayed",
  "flags.resolve": "Resolved",
  simulation: "Looked at",
};
const stateWords: Record<JobState, { label: string; tone: Tone }> = {
  waiting: { label: "Waiting", tone: "wait" },
  running: { label: "Running", tone: "wait" },
  done: { label: "Finished", tone: "good" },
  failed: { label: "Stopped", tone: "bad" },
};

/** How far a job is, what came of each row, and the way back. */
export function JobPage() {
  const { jobId } = useParams({ strict: false });
  const listing = useInfiniteQuery(jobQuery(jobId ?? ""));
  const client = useQueryClient();
  const { data: me } = useQuery(meQuery);
  const job = listing.data?.pages.at(-1);
  const open = job ? isOpen(job) : undefined;
  const wasOpen = useRef(open);

  useEffect(() => {
    if (wasOpen.current === true && open === false && job) {
      announce(`Finished. ${sentenceOf(job)}`);
      // What it decided is out of date on every other screen.
      for (const queryKey of [
        ["applications"],
        ["application"],
        ["ambassadors"],
        ["ambassador"],
        ["flags"],
        ["receipt"],
        ["events"],
        ["event"],
      ])
        void client.invalidateQueries({ queryKey });
    }
    wasOpen.current = open;
  }, [open, job, client]);

  if (!job)
    return (
      <Page title="Job">
        {listing.isError ? (
          <Failure error={listing.error} retry={() => listing.refetch()} />
        ) : (
          <SkeletonPage label="Loading the job" />
        )}
      </Page>
    );
  const rows = sorted(listing.data?.pages.flatMap((page) => page.rows.items) ?? []);
  return (
    <Page
      key={job.id}
      title={titles[job.kind]}
      lead={
        <>
          Begun by {beginner(job)}, <Time at={job.createdAt} />
        </>
      }
      actions={
        <>
          <WayBack job={job} />
          {canDecide(me) && job.undoForMs !== null && (
            <UndoAll key={job.id} job={job} until={listing.dataUpdatedAt + job.undoForMs} />
          )}
        </>
      }
    >
      <Progress job={job} />
      <Relations job={job} />
      {rows.length > 0 && (
        <Table caption="Results" columns={columnsOf(job)} rows={rows} keyOf={(row) => String(row.row)} />
      )}
      {listing.hasNextPage && (
        <div className="mt-5 flex justify-center">
          <Button look="outline" busy={listing.isFetchingNextPage} onClick={() => void listing.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </Page>
  );
}

const beginner = ({ createdBy, createdByName }: Job): string =>
  createdByName ?? (createdBy.startsWith("per_") ? "somebody no longer in the team" : "Laurel itself");

function sentenceOf({ counts, kind, state }: Job): string {
  // How many there will be is not counted beforehand.
  if (kind === "connection.codes")
    return `${plural(counts.done, "code", "codes")} put there${counts.refused > 0 ? `, ${counts.refused} not` : ""}.`;
  if (kind === "customers.import")
    return `${counts.done} of ${plural(counts.total, "customer", "customers")} are new${counts.refused > 0 ? `, ${counts.refused} were known already` : ""}.`;
  if (kind === "connection.compare")
    return counts.done > 0
      ? `${plural(counts.done, "event", "events")} had never been delivered and ${counts.done === 1 ? "was" : "were"} taken in.`
      : state === "done"
        ? "Nothing was missing."
        : "Nothing is missing so far.";
  if (kind === "events.replay") {
    const replayed = `${counts.done} of ${plural(counts.total, "event", "events")} replayed`;
    return counts.refused > 0 ? `${replayed}, ${counts.refused} could not be decided.` : `${replayed}.`;
  }
  if (kind === "flags.resolve")
    return `${counts.done} of ${plural(counts.total, "flag", "flags")} resolved${counts.refused > 0 ? `, ${counts.refused} not` : ""}.`;
  if (kind === "simulation") return `${counts.done} of ${plural(counts.total, "day", "days")} looked at.`;
  const done = `${counts.done} of ${plural(counts.total, "application", "applications")} ${doneWords[kind].toLowerCase()}`;
  return counts.refused > 0 ? `${done}, ${counts.refused} not.` : `${done}.`;
}

function Progress({ job }: { job: JobDetail }) {
  const { counts } = job;
  const behind = counts.done + counts.refused;
  return (
    <section aria-label="Progress" className="mb-6 rounded-xl border border-line bg-card p-5 shadow-card">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="font-semibold">{sentenceOf(job)}</p>
        <StateBadge words={stateWords[job.state]} />
      </div>
      {/* How much there will be is not always counted beforehand. */}
      {counts.total > 0 && (
        <progress
          aria-label="Rows done"
          value={behind}
          max={counts.total}
          className="mt-3 block h-2.5 w-full appearance-none overflow-hidden rounded-full bg-sunk [&::-moz-progress-bar]:bg-leaf [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:bg-leaf"
        />
      )}
      {job.error && <p className="mt-3 text-[0.9375rem] text-bad">{job.error}</p>}
      {isOpen(job) && (
        <p className="mt-3 text-[0.9375rem] text-soft">
          It goes on by itself. You can leave this page and come back to it.
        </p>
      )}
    </section>
  );
}

function Relations({ job }: { job: Job }) {
  const other = job.undoes ?? job.undoneBy;
  if (!other) return null;
  return (
    <p className="mb-5 text-[0.9375rem]">
      {job.undoes ? "This takes back what " : "This was undone by "}
      <Link to="/jobs/$jobId" params={{ jobId: other }} className="link">
        {job.undoes ? "an earlier job" : "a later job"}
      </Link>
      {job.undoes ? " did." : "."}
    </p>
  );
}

/** Where its rows are looked at. */
function WayBack({ job: { id, kind } }: { job: Job }) {
  if (kind === "simulation")
    return (
      <ButtonLink to="/simulations/$jobId" params={{ jobId: id }} look="outline">
        What came of it
      </ButtonLink>
    );
  if (kind === "connection.compare")
    return (
      <ButtonLink to="/events" search={{ source: "comparison" }} look="outline">
        What was found
      </ButtonLink>
    );
  if (kind === "events.replay")
    return (
      <ButtonLink to="/events" look="outline">
        To the events
      </ButtonLink>
    );
  if (kind === "flags.resolve")
    return (
      <ButtonLink to="/flags" look="outline">
        To the flags
      </ButtonLink>
    );
  if (kind === "customers.import")
    return (
      <ButtonLink to="/program/customers" look="outline">
        To the known customers
      </ButtonLink>
    );
  return (
    <ButtonLink to="/applications" look="outline">
      To the applications
    </ButtonLink>
  );
}

const columnsOf = (job: Job): Column<JobRow>[] => [
  {
    head: job.kind === "events.replay" ? "Event" : job.kind === "flags.resolve" ? "Flag" : "Applicant",
    cell: (row) => (
      <>
        {job.kind === "flags.resolve" ? (
          <span className="font-semibold">{row.name ?? "Not there any more"}</span>
        ) : job.kind === "events.replay" ? (
          <Link to="/events/$eventId" params={{ eventId: row.subject }} className={`${rowLink} break-all font-mono`}>
            {row.subject.slice(row.subject.indexOf("~") + 1)}
          </Link>
        ) : (
          <Link to="/applications/$applicationId" params={{ applicationId: row.subject }} className={rowLink}>
            {row.name ?? "Not there any more"}
          </Link>
        )}
        {row.message && <span className="mt-0.5 block font-normal text-soft text-sm">{row.message}</span>}
      </>
    ),
  },
  {
    head: "Result",
    corner: true,
    cell: (row) =>
      row.outcome === "done" ? <Badge tone="good">{doneWords[job.kind]}</Badge> : <Badge tone="wait">Not done</Badge>,
  },
];

function UndoAll({ job, until }: { job: Job; until: number }) {
  const [asking, setAsking] = useState(false);
  const left = useTimeLeft(until);
  const navigate = useNavigate();
  const client = useQueryClient();
  const undo = useMutation({
    mutationFn: () => post<{ job: Job }>(`/api/jobs/${encodeURIComponent(job.id)}/undo`),
    onSuccess: (answer) => {
      setAsking(false);
      void client.invalidateQueries({ queryKey: ["job", job.id] });
      void navigate({ to: "/jobs/$jobId", params: { jobId: answer.job.id } });
    },
  });
  if (left === 0) return null;
  const told =
    job.kind === "applications.approve"
      ? "Their codes stop working, and each of them gets a plain apology."
      : "Nobody has been told yet, so nobody will notice.";
  return (
    <>
      <Button look="danger" onClick={() => setAsking(true)}>
        <Undo2 aria-hidden className="size-4" />
        Undo all
        <TimeLeft ms={left} />
      </Button>
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={`Undo ${plural(job.counts.done, "decision", "decisions")}?`}
        lead={`${told} What was decided anew since is left alone.`}
        confirm="Undo all"
        busy={undo.isPending}
        onConfirm={() => undo.mutate()}
      >
        {undo.isError && <Failure error={undo.error} className="mt-4" />}
      </Confirm>
    </>
  );
}
