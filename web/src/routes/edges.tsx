import { type ErrorComponentProps, useRouter } from "@tanstack/react-router";
import { ButtonLink } from "../ui/button.tsx";
import { Page } from "../ui/page.tsx";
import { Failure, SkeletonPage } from "../ui/states.tsx";

export function NotFound() {
  return (
    <Page title="There is nothing here" width="text" lead="The address may be old or mistyped.">
      <ButtonLink to="/">Go to the start page</ButtonLink>
    </Page>
  );
}

export function RouteFailure({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  return (
    <Page title="This page did not load" width="text">
      <Failure
        error={error}
        retry={() => {
          reset();
          router.invalidate();
        }}
      />
    </Page>
  );
}

export function RoutePending() {
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-10 sm:px-6">
      <SkeletonPage />
    </div>
  );
}
