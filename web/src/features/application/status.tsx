import type { ApplicantView } from "@laurel/contract";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { look } from "../../api/client.ts";
import { ButtonLink } from "../../ui/button.tsx";
import { Page } from "../../ui/page.tsx";
import { Failure, SkeletonPage } from "../../ui/states.tsx";
import { useLinkToken } from "../session/use-link-token.ts";
import { ApplicationView } from "./view.tsx";

/** The applicant's own page, reached by a mailed link and without an account. The link stays in the bar, to be kept. */
export function ApplicationStatus() {
  const token = useLinkToken({ keep: true });
  const client = useQueryClient();
  const key = ["application", "status", token];
  const status = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => look<{ application: ApplicantView }>("/api/applications/status", { token }, signal),
    enabled: token !== undefined,
  });

  return (
    <Page title="Your application" width="text">
      {token === undefined ? (
        <>
          <p className="mb-6">
            This page needs the link from one of our mails. If you can't find it, apply again with the same address: we
            then send you the link to the application that is already with us.
          </p>
          <ButtonLink to="/apply" look="outline">
            To the application
          </ButtonLink>
        </>
      ) : status.isPending ? (
        <SkeletonPage label="Loading your application" />
      ) : status.isLoadingError ? (
        <Failure error={status.error} retry={() => status.refetch()} />
      ) : (
        <ApplicationView
          view={status.data.application}
          token={token}
          onChange={(application) => client.setQueryData(key, { application })}
        />
      )}
    </Page>
  );
}
