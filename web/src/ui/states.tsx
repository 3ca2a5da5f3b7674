import { CircleAlert, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { asApiError } from "../api/problem.ts";
import { Button } from "./button.tsx";
import { cx } from "./cx.ts";

/** Nothing here, and what would put something here. */
export function Empty({ title, children, icon }: { title: string; children?: ReactNode; icon?: ReactNode }) {
  return (
    <div className="rounded-xl border border-dashed border-line px-6 py-12 text-center">
      {icon && (
        <div className="mx-auto mb-3 flex size-12 items-center justify-center rounded-full bg-leaf-wash text-leaf">
          {icon}
        </div>
      )}
      <p className="font-serif text-xl">{title}</p>
      {children && <div className="mx-auto mt-2 max-w-md text-[0.9375rem] text-soft">{children}</div>}
    </div>
  );
}

/** What failed, what to do, and a way to try again where that may help. */
export function Failure({
  error,
  retry,
  className,
}: {
  error: unknown;
  retry?: (() => void) | undefined;
  className?: string;
}) {
  const problem = asApiError(error);
  // What was refused as it is will be refused again.
  const mayHelp = problem.isTransient || problem.code === "portal";
  return (
    <div role="alert" className={cx("rounded-xl border border-bad/40 bg-bad-wash px-5 py-4", className)}>
      <div className="flex items-start gap-3">
        <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />
        <div className="min-w-0">
          <p className="font-semibold">{problem.title}</p>
          <p className="text-[0.9375rem]">{problem.message}</p>
          {problem.requestId && <p className="mt-1 text-xs text-soft">Request {problem.requestId}</p>}
          {retry && mayHelp && (
            <Button look="outline" className="mt-3" onClick={retry}>
              <RotateCw aria-hidden className="size-4" />
              Try again
            </Button>
          )}
        </div>
      </div>
    </div>
  );
}

export function Bone({ className }: { className?: string }) {
  return <div aria-hidden className={cx("pulse-soft rounded bg-sunk", className)} />;
}

/** Where a list is going to be. */
export function SkeletonRows({ rows = 5, label = "Loading" }: { rows?: number; label?: string }) {
  return (
    <div role="status" aria-label={label} className="overflow-hidden rounded-xl border border-line bg-card">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={index} className="flex items-center gap-4 border-line border-b px-4 py-4 last:border-0">
          <Bone className="h-4 w-1/3" />
          <Bone className="h-4 w-1/5" />
          <Bone className="ml-auto h-4 w-16" />
        </div>
      ))}
    </div>
  );
}

/** Where a page of prose or figures is going to be. */
export function SkeletonPage({ label = "Loading" }: { label?: string }) {
  return (
    <div role="status" aria-label={label} className="space-y-4">
      <Bone className="h-8 w-2/3" />
      <Bone className="h-4 w-1/3" />
      <Bone className="h-40 w-full" />
      <Bone className="h-24 w-full" />
    </div>
  );
}
