import type { Campaign, ScheduleCampaign } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CalendarDays } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { put } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { formatDay } from "../../format/time.ts";
import { fieldMessage } from "../../format/words.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { Field } from "../../ui/field.tsx";
import { Facts, Page } from "../../ui/page.tsx";
import { Empty, Failure, SkeletonPage } from "../../ui/states.tsx";
import { toast } from "../../ui/toast.tsx";
import { programQuery } from "../program/queries.ts";
import { ProgramTabs } from "../program/tabs.tsx";
import { isOwner, meQuery } from "../session/session.ts";
import { campaignsQuery } from "./queries.ts";
import { runningOf, todayIn, wrongDates } from "./running.ts";

const goals: Record<Campaign["objective"], string> = {
  support: "Support",
  product: "A product",
  acquisition: "New customers",
  content: "Content",
  engagement: "Engagement",
  success: "Customer success",
};

/** The pushes that codes and links belong to, and when each of them runs. */
export function Campaigns() {
  const { data: me } = useQuery(meQuery);
  const campaigns = useQuery(campaignsQuery);
  const program = useQuery(programQuery);
  const owner = isOwner(me);
  return (
    <Page
      title="Campaigns"
      heading="Program"
      width="column"
      lead={
        <>
          What ambassadors' codes and links belong to, and when it runs.
          {me && !owner && " Only owners can change the dates."}
        </>
      }
    >
      <ProgramTabs here="/program/campaigns" />
      {program.data && (
        <p className="mb-5 text-[0.9375rem] text-soft">
          {program.data.rules.campaignDates
            ? "By your rules, a code counts only on an order of those days, and a link only by a click of those days."
            : "Your rules do not look at these dates: codes and links count whether or not their campaign runs."}{" "}
          <Link to="/program/rules" className="link">
            Rules
          </Link>
        </p>
      )}
      {campaigns.isPending ? (
        <SkeletonPage label="Loading the campaigns" />
      ) : campaigns.isLoadingError ? (
        <Failure error={campaigns.error} retry={() => campaigns.refetch()} />
      ) : campaigns.data.length === 0 ? (
        <Empty title="No campaigns">The first one comes with the program.</Empty>
      ) : (
        <ul className="space-y-4">
          {campaigns.data.map((campaign) => (
            <li key={campaign.id}>
              <One campaign={campaign} owner={owner} timeZone={program.data?.timeZone} />
            </li>
          ))}
        </ul>
      )}
    </Page>
  );
}

function One({ campaign, owner, timeZone }: { campaign: Campaign; owner: boolean; timeZone: string | undefined }) {
  const [open, setOpen] = useState(false);
  const { name, objective, offer, landingUrl, isDefault } = campaign;
  return (
    <article aria-label={name} className="rounded-xl border border-line bg-card p-5 shadow-card sm:p-6">
      <div className="mb-4 flex flex-wrap items-center gap-x-3 gap-y-2">
        <h2 className="font-serif text-xl">{name}</h2>
        {timeZone && <StateBadge words={runningOf(campaign, todayIn(timeZone))} />}
        {isDefault && <Badge>Default</Badge>}
        {owner && timeZone && (
          <Button
            look="outline"
            className="sm:ml-auto"
            aria-label={`Change dates of ${name}`}
            onClick={() => setOpen(true)}
          >
            <CalendarDays aria-hidden className="size-4" />
            Change dates
          </Button>
        )}
      </div>
      <Facts
        items={[
          ["Runs", datesOf(campaign)],
          ["Customers get", offer],
          ["For", goals[objective]],
          [
            "Links lead to",
            <a key="url" href={landingUrl} className="link">
              {landingUrl}
            </a>,
          ],
        ]}
      />
      {open && timeZone && <Schedule campaign={campaign} timeZone={timeZone} onClose={() => setOpen(false)} />}
    </article>
  );
}

function datesOf({ startsOn, endsOn }: Pick<Campaign, "startsOn" | "endsOn">): ReactNode {
  if (startsOn && endsOn) return `From ${formatDay(startsOn)} to ${formatDay(endsOn)}`;
  if (startsOn) return `From ${formatDay(startsOn)} on`;
  return endsOn ? `Until ${formatDay(endsOn)}` : "Always";
}

function Schedule({ campaign, timeZone, onClose }: { campaign: Campaign; timeZone: string; onClose: () => void }) {
  const client = useQueryClient();
  const [startsOn, setStart] = useState(campaign.startsOn ?? "");
  const [endsOn, setEnd] = useState(campaign.endsOn ?? "");
  const write = (dates: ScheduleCampaign) =>
    put<Campaign>(`/api/campaigns/${encodeURIComponent(campaign.id)}/schedule`, dates);
  const refresh = () => void client.invalidateQueries({ queryKey: campaignsQuery.queryKey });
  const save = useMutation({
    mutationFn: () => write({ startsOn: startsOn || null, endsOn: endsOn || null }),
    onSuccess: () => {
      refresh();
      toast(`The dates of ${campaign.name} are changed.`, "good", {
        label: "Undo",
        run: () => {
          write({ startsOn: campaign.startsOn, endsOn: campaign.endsOn })
            .then(() => toast(`The dates of ${campaign.name} are as they were.`))
            .catch((error: Error) => toast(error.message, "bad"))
            .finally(refresh);
        },
      });
      onClose();
    },
  });
  const own = wrongDates(startsOn, endsOn);
  const refused = save.error instanceof ApiError ? save.error.fields : [];
  const wrong = (field: "startsOn" | "endsOn", subject: string) => {
    const message = (field === "endsOn" ? own : undefined) ?? refused.find((each) => each.field === field)?.message;
    return message && fieldMessage(subject, message);
  };
  const same = startsOn === (campaign.startsOn ?? "") && endsOn === (campaign.endsOn ?? "");
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (same) onClose();
    else if (!own && !save.isPending) save.mutate();
  };
  const becomes = runningOf({ startsOn: startsOn || null, endsOn: endsOn || null }, todayIn(timeZone));

  return (
    <Dialog
      open
      onClose={onClose}
      title={`When does ${campaign.name} run?`}
      lead={`Whole days in ${timeZone.replaceAll("_", " ")}, both included. Leave a day empty for no beginning or no end.`}
    >
      <form noValidate onSubmit={submit} className="space-y-5">
        <div className="grid gap-5 sm:grid-cols-2">
          <Field label="First day" error={wrong("startsOn", "The first day")}>
            {(parts) => (
              <input
                {...parts}
                type="date"
                value={startsOn}
                onChange={(event) => setStart(event.target.value)}
                className="field-box"
              />
            )}
          </Field>
          <Field label="Last day" error={wrong("endsOn", "The last day")}>
            {(parts) => (
              <input
                {...parts}
                type="date"
                value={endsOn}
                min={startsOn || undefined}
                onChange={(event) => setEnd(event.target.value)}
                className="field-box"
              />
            )}
          </Field>
        </div>
        <p aria-live="polite" className="flex flex-wrap items-center gap-2 text-[0.9375rem]">
          {own ? (
            <span className="text-soft">It would never run.</span>
          ) : (
            <>
              {datesOf({ startsOn: startsOn || null, endsOn: endsOn || null })} <StateBadge words={becomes} />
            </>
          )}
        </p>
        {save.isError && refused.length === 0 && <Failure error={save.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button look="outline" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" busy={save.isPending}>
            Save dates
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
