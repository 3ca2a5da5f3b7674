import type { ApplicantView } from "@laurel/contract";
import { useMutation } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { post } from "../../api/client.ts";
import { applicationWords } from "../../format/words.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Card } from "../../ui/page.tsx";
import { Failure } from "../../ui/states.tsx";
import { Steps } from "../../ui/steps.tsx";
import { toast } from "../../ui/toast.tsx";
import { stepsOf } from "./steps.tsx";

// Few withdraw: the dialog is fetched when it is asked for.
const Confirm = lazy(async () => ({ default: (await import("../../ui/dialog.tsx")).Confirm }));

/** Where an application stands, for the applicant, with the way out while it is open. */
export function ApplicationView({
  view,
  token,
  onChange,
}: {
  view: ApplicantView;
  token: string;
  onChange: (view: ApplicantView) => void;
}) {
  const [asking, setAsking] = useState(false);
  const [asked, setAsked] = useState(false);
  const withdraw = useMutation({
    mutationFn: () => post<{ application: ApplicantView }>("/api/applications/withdraw", { token }),
    onSuccess: ({ application }) => {
      setAsking(false);
      onChange(application);
      toast("Your application is withdrawn.");
    },
  });

  return (
    <Card title="Where it stands" aside={<StateBadge words={applicationWords[view.status]} />}>
      <Steps label="Your application" steps={stepsOf(view)} />
      {view.status === "approved" && (
        <ButtonLink to="/sign-in" className="mt-6">
          Sign in
        </ButtonLink>
      )}
      {view.canWithdraw && (
        <div className="mt-7 border-line border-t pt-5">
          <Button
            look="outline"
            onClick={() => {
              setAsked(true);
              setAsking(true);
            }}
          >
            Withdraw application
          </Button>
        </div>
      )}
      <Suspense>
        {asked && (
          <Confirm
            open={asking}
            onClose={() => {
              setAsking(false);
              withdraw.reset();
            }}
            title="Withdraw your application?"
            lead="We stop reading it and close it. You can apply again later."
            confirm="Withdraw"
            cancel="Keep it"
            busy={withdraw.isPending}
            onConfirm={() => withdraw.mutate()}
          >
            {withdraw.isError && <Failure error={withdraw.error} className="mt-4" />}
          </Confirm>
        )}
      </Suspense>
    </Card>
  );
}
