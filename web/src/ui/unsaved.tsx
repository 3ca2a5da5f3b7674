import { useBlocker } from "@tanstack/react-router";
import { Confirm } from "./dialog.tsx";

/** Asks before what was begun is left behind, by a link or by closing the tab. */
export function Unsaved({
  when,
  title = "Leave without saving?",
  lead = "What you changed on this page is not saved yet.",
}: {
  when: boolean;
  title?: string;
  lead?: string;
}) {
  const blocker = useBlocker({ shouldBlockFn: () => when, enableBeforeUnload: () => when, withResolver: true });
  return (
    <>
      {when && <span hidden data-unsaved />}
      <Confirm
        open={blocker.status === "blocked"}
        onClose={() => blocker.reset?.()}
        title={title}
        lead={lead}
        confirm="Leave"
        cancel="Stay here"
        busy={false}
        onConfirm={() => blocker.proceed?.()}
      />
    </>
  );
}
