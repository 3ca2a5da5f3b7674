import type { Program, Simulation, SimulationResult } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { RotateCw, ShoppingBag, Users } from "lucide-react";
import { useEffect, useRef } from "react";
import { patch } from "../../api/client.ts";
import { formatRate } from "../../format/money.ts";
import { plural } from "../../format/words.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Time } from "../../ui/figures.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Empty, Failure, SkeletonPage } from "../../ui/states.tsx";
import { announce, toast } from "../../ui/toast.tsx";
import { isOpen } from "../job/queries.ts";
import { programQuery, rulesQuery } from "../program/queries.ts";
import { ruleChanges } from "../program/rules-words.ts";
import { Changes } from "../program/save.tsx";
import { isOwner, meQuery } from "../session/session.ts";
import { CurrencyCard, Examples, People } from "./figures.tsx";
import { simulationQuery } from "./queries.ts";
import { useTrial } from "./try.tsx";
import { answerOf, changedOf, triedRules } from "./words.ts";

/** What other rules would have made of past orders, and the way to save them or to leave them. */
export function SimulationPage() {
  const { jobId } = useParams({ strict: false });
  const simulation = useQuery(simulationQuery(jobId ?? ""));
  const { data } = simulation;
  const open = data ? isOpen(data.job) : undefined;
  const wasOpen = useRef(open);
  useEffect(() => {
    if (wasOpen.current === true && data?.result) announce(answerOf(data, data.result));
    wasOpen.current = open;
  }, [open, data]);

  return (
    <Page
      title="Rules on trial"
      lead={
        data && (
          <>
            The orders since <Time at={data.from} as="day" />, decided anew by the rules below. Nothing was changed.
            Begun by {data.job.createdByName ?? "somebody no longer in the team"}, <Time at={data.job.createdAt} />.
          </>
        )
      }
    >
      {simulation.isPending ? (
        <SkeletonPage label="Loading the trial" />
      ) : simulation.isError && !data ? (
        <Failure error={simulation.error} retry={() => simulation.refetch()} />
      ) : (
        data && <Trial key={data.job.id} simulation={data} />
      )}
    </Page>
  );
}

function Trial({ simulation }: { simulation: Simulation }) {
  const { job, result, program } = simulation;
  return (
    <div className="space-y-8">
      {program.changedSince && <Outdated simulation={simulation} />}
      {job.state === "failed" ? (
        <Stopped simulation={simulation} />
      ) : result ? (
        <Answer simulation={simulation} result={result} />
      ) : (
        <Progress simulation={simulation} />
      )}
      <Tried simulation={simulation} />
      {result && (
        <>
          {result.currencies.map((figures) => (
            <People key={figures.currency} figures={figures} />
          ))}
          <Examples orders={result.examples} all={changedOf(result)} />
        </>
      )}
    </div>
  );
}

function Progress({ simulation: { job } }: { simulation: Simulation }) {
  const { done, total } = job.counts;
  return (
    <Card title="Looking at the orders">
      <progress
        aria-label="Days looked at"
        value={done}
        max={Math.max(1, total)}
        className="block h-2.5 w-full appearance-none overflow-hidden rounded-full bg-sunk [&::-moz-progress-bar]:bg-leaf [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:bg-leaf"
      />
      <p className="mt-3 text-[0.9375rem]">
        {done} of {plural(total, "day", "days")}.{" "}
        <span className="text-soft">It goes on by itself. You can leave this page and come back to it.</span>
      </p>
      {job.error && <p className="mt-2 text-[0.9375rem] text-bad">{job.error}</p>}
    </Card>
  );
}

/** Asks the same once more, of the program as it is now. */
function Again({ simulation }: { simulation: Simulation }) {
  const { data: me } = useQuery(meQuery);
  const trial = useTrial();
  if (!isOwner(me)) return null;
  const { days, rates } = simulation;
  return (
    <>
      <Button
        look="outline"
        className="mt-3"
        busy={trial.isPending}
        onClick={() =>
          trial.mutate({
            days,
            rules: triedRules(simulation),
            rates: rates.map(({ tierId, proposedBp }) => ({ tierId, rateBp: proposedBp })),
          })
        }
      >
        <RotateCw aria-hidden className="size-4" />
        Try again
      </Button>
      {trial.isError && <Failure error={trial.error} className="mt-4" />}
    </>
  );
}

const Outdated = ({ simulation }: { simulation: Simulation }) => (
  <section aria-label="The program was changed" className="rounded-xl border border-wait/40 bg-wait-wash p-5">
    <p className="flex items-center gap-2 font-semibold">
      <Users aria-hidden className="size-5 shrink-0 text-wait" />
      The program was changed after this was begun
    </p>
    <p className="mt-1 text-[0.9375rem]">These figures compare with how it stood then, not with how it stands now.</p>
    <Again simulation={simulation} />
  </section>
);

const Stopped = ({ simulation }: { simulation: Simulation }) => (
  <section role="alert" className="rounded-xl border border-bad/40 bg-bad-wash p-5">
    <p className="font-semibold">It was given up</p>
    <p className="text-[0.9375rem]">{simulation.job.error}</p>
    <Again simulation={simulation} />
  </section>
);

function Answer({ simulation, result }: { simulation: Simulation; result: SimulationResult }) {
  if (result.orders.paid === 0)
    return (
      <>
        <Empty title="There was no paid order in that time" icon={<ShoppingBag aria-hidden className="size-6" />}>
          So there is nothing to try the rules on. Go further back, or save them and see.
        </Empty>
        <Decide simulation={simulation} />
      </>
    );
  const { paid, moved, gained, lost, byHand, kept } = result.orders;
  const parts = [
    `${plural(paid, "paid order was", "paid orders were")} looked at`,
    ...(moved > 0 ? [`${moved} would go from one ambassador to another`] : []),
    ...(gained > 0 ? [`${gained} of nobody would become somebody's`] : []),
    ...(lost > 0 ? [`${lost} would become nobody's`] : []),
    ...(byHand > 0 ? [`${byHand} decided by a person ${byHand === 1 ? "stays" : "stay"} as decided`] : []),
    ...(kept > 0
      ? [
          `${kept} could not be decided anew and ${kept === 1 ? "stays" : "stay"} as ${kept === 1 ? "it is" : "they are"}`,
        ]
      : []),
  ];
  return (
    <>
      <section aria-label="What came of it" className="rounded-xl bg-leaf-wash p-5 sm:p-6">
        <p className="font-serif text-2xl leading-snug">{answerOf(simulation, result)}</p>
        <p className="mt-3 text-[0.9375rem]">{parts.join("; ")}.</p>
        <Decide simulation={simulation} />
      </section>
      <div className="grid gap-5 lg:grid-cols-2">
        {result.currencies.map((figures) => (
          <CurrencyCard key={figures.currency} figures={figures} />
        ))}
      </div>
    </>
  );
}

/** Saves the rules that were tried, on the version of the program that they were tried against, or leaves them. */
function Decide({ simulation }: { simulation: Simulation }) {
  const { data: me } = useQuery(meQuery);
  const client = useQueryClient();
  const navigate = useNavigate();
  const rules = triedRules(simulation);
  const save = useMutation({
    mutationFn: () => patch<Program>("/api/program", { version: simulation.program.version, rules }),
    onSuccess: (saved) => {
      client.setQueryData(programQuery.queryKey, saved);
      void client.invalidateQueries({ queryKey: rulesQuery.queryKey });
      void client.invalidateQueries({ queryKey: ["simulation"] });
      toast("Saved. New orders are decided by these rules within half a minute.");
      void navigate({ to: "/program/rules" });
    },
    onError: () => void client.invalidateQueries({ queryKey: simulationQuery(simulation.job.id).queryKey }),
  });
  if (!isOwner(me)) return null;
  return (
    <>
      {save.isError && <Failure error={save.error} className="mt-4" />}
      <div className="mt-5 flex flex-wrap gap-2">
        {simulation.changedRules.length > 0 && (
          <>
            <Button busy={save.isPending} disabled={simulation.program.changedSince} onClick={() => save.mutate()}>
              Save these rules
            </Button>
            <ButtonLink to="/program/rules" search={{ tried: simulation.job.id }} look="outline">
              Change them further
            </ButtonLink>
          </>
        )}
        <ButtonLink to="/program/rules" look="quiet">
          Discard
        </ButtonLink>
      </div>
      {simulation.changedRules.length > 0 && simulation.rates.length > 0 && (
        <p className="mt-3 text-sm">Only the rules are saved; the rates of tiers stay as they are.</p>
      )}
    </>
  );
}

/** The rules and rates that were tried, against those in force. */
function Tried({ simulation }: { simulation: Simulation }) {
  const program = useQuery(programQuery);
  if (!program.data) return null;
  const changes = ruleChanges(program.data.rules, simulation.rules).filter(({ name }) =>
    simulation.changedRules.includes(name),
  );
  const rates = simulation.rates.map(({ tierName, nowBp, proposedBp }) => ({
    what: `Rate of ${tierName}`,
    from: formatRate(nowBp),
    to: formatRate(proposedBp),
  }));
  return (
    <Card title="What was tried">
      {changes.length + rates.length > 0 ? (
        <Changes items={[...changes, ...rates]} />
      ) : (
        <p className="text-[0.9375rem]">The rules as they are in force.</p>
      )}
    </Card>
  );
}
