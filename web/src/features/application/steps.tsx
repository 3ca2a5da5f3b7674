import type { ApplicantView } from "@laurel/contract";
import { formatDay } from "../../format/time.ts";
import { Time } from "../../ui/figures.tsx";
import type { Step } from "../../ui/steps.tsx";

/** When a declined or withdrawn person is welcome again, in a sentence; undefined where nobody decided on it. */
export function reapplySentence(decision: ApplicantView["decision"]): string | undefined {
  switch (decision?.reapply) {
    case "now":
      return "You are welcome to apply again at any time.";
    case "after_days":
      return decision.reapplyOn
        ? `You are welcome to apply again from ${formatDay(decision.reapplyOn)}.`
        : "You are welcome to apply again later.";
    case "never":
      return "We will not take another application from you.";
    default:
      return undefined;
  }
}

/** The applicant's timeline: what happened, where it stands, what comes next. */
export function stepsOf(view: ApplicantView): Step[] {
  const { status, decision } = view;
  const sent: Step = { title: "Application sent", state: "done", when: <Time at={view.submittedAt} as="day" /> };
  const confirmed: Step = view.confirmedAt
    ? { title: "E-mail confirmed", state: "done", when: <Time at={view.confirmedAt} as="day" /> }
    : {
        title: "Confirm your e-mail",
        state: status === "submitted" ? "now" : "next",
        body: "Open the link in the mail we sent you. Only then do we read your application.",
      };
  const when = decision ? <Time at={decision.decidedAt} as="day" /> : undefined;

  switch (status) {
    case "submitted":
      return [sent, confirmed, { title: "We read it", state: "next" }, { title: "You hear from us", state: "next" }];
    case "confirmed":
      return [
        sent,
        confirmed,
        {
          title: "We are reading it",
          state: "now",
          body: "A person of the team reads every application. We write to you as soon as it is decided.",
        },
        { title: "You hear from us", state: "next" },
      ];
    case "waitlisted":
      return [
        sent,
        confirmed,
        {
          title: "You are on the waiting list",
          state: "now",
          when,
          body: "We like what we read and have no place right now. You need do nothing; we come back to you.",
        },
        { title: "You hear from us", state: "next" },
      ];
    case "approved":
      return [
        sent,
        confirmed,
        {
          title: "Welcome to the program",
          state: "done",
          when,
          body: "Your code is waiting for you. Sign in with the e-mail address that you applied with.",
        },
      ];
    case "declined":
      return [
        sent,
        confirmed,
        {
          title: "Not this time",
          state: "stopped",
          when,
          body: (
            <>
              {decision?.reasonText && <p>{decision.reasonText.replace(/\.?$/, ".")}</p>}
              <p>{reapplySentence(decision)}</p>
            </>
          ),
        },
      ];
    case "withdrawn":
      return [
        sent,
        ...(view.confirmedAt ? [confirmed] : []),
        {
          title: "Withdrawn by you",
          state: "stopped",
          body: "Your application is closed. Thank you for your interest.",
        },
      ];
  }
}
