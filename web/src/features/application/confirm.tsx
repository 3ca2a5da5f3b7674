import type { ApplicantView } from "@laurel/contract";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { post } from "../../api/client.ts";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Card, Page } from "../../ui/page.tsx";
import { Failure } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";
import { useLinkToken } from "../session/use-link-token.ts";
import { ApplicationView } from "./view.tsx";

/** Where the confirmation mail leads. It asks for a press, since mail scanners open links too. */
export function ConfirmApplication() {
  const token = useLinkToken();
  const [view, setView] = useState<ApplicantView>();
  const done = useRef<HTMLDivElement>(null);
  const confirm = useMutation({
    mutationFn: () => post<{ application: ApplicantView }>("/api/applications/confirm", { token }),
    onSuccess: ({ application }) => setView(application),
  });

  const confirmed = view !== undefined;
  useEffect(() => {
    if (!confirmed) return;
    announce("Your e-mail address is confirmed.");
    done.current?.focus();
  }, [confirmed]);

  if (!token)
    return (
      <Page title="Confirm your application" width="text" lead="This page needs the link from your mail.">
        <p className="mb-6">
          Open the mail again and press its link. If it is too old, apply once more: we then send you a new one.
        </p>
        <ButtonLink to="/apply" look="outline">
          To the application
        </ButtonLink>
      </Page>
    );

  if (view)
    return (
      <Page
        title="Thank you"
        width="text"
        lead="Your e-mail address is confirmed, and your application is with the team."
      >
        <div ref={done} tabIndex={-1} className="outline-none">
          <ApplicationView view={view} token={token} onChange={setView} />
        </div>
      </Page>
    );

  return (
    <Page title="Confirm your application" width="text" lead="One press, and the team can read it.">
      <Card>
        <p className="mb-5">
          By confirming you tell us that this e-mail address is yours and that the application came from you.
        </p>
        <Button busy={confirm.isPending} onClick={() => confirm.mutate()}>
          Confirm my application
        </Button>
        {confirm.isError && <Failure error={confirm.error} className="mt-5" />}
      </Card>
    </Page>
  );
}
