import { AlertDialog as BaseAlert } from "@base-ui/react/alert-dialog";
import { Dialog as BaseDialog } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { Button } from "./button.tsx";

const backdrop =
  "fixed inset-0 z-40 bg-black/45 transition-opacity data-[ending-style]:opacity-0 data-[starting-style]:opacity-0";
const popup =
  "fixed inset-x-0 bottom-0 z-40 mx-auto max-h-[92dvh] w-full max-w-lg overflow-y-auto rounded-t-2xl border border-line bg-card p-6 shadow-float outline-none transition duration-200 data-[ending-style]:translate-y-4 data-[starting-style]:translate-y-4 data-[ending-style]:opacity-0 data-[starting-style]:opacity-0 sm:bottom-auto sm:top-[12dvh] sm:max-h-[80dvh] sm:rounded-2xl";

/** A dialog with a form or a text. Focus goes in, stays in, and comes back to where it was. */
export function Dialog({
  open,
  onClose,
  title,
  lead,
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}) {
  const box = useRef<HTMLDivElement>(null);
  // Into the first field, not onto the close button; but a finger did not ask for the keyboard that a field brings up.
  const firstField = (by: string) =>
    (by !== "touch" && box.current?.querySelector<HTMLElement>("form :is(select, textarea, input):enabled")) || true;

  return (
    <BaseDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <BaseDialog.Portal>
        <BaseDialog.Backdrop className={backdrop} />
        <BaseDialog.Popup ref={box} className={popup} initialFocus={firstField}>
          <div className="mb-4 flex items-start justify-between gap-4">
            <div>
              <BaseDialog.Title className="font-serif text-2xl leading-tight">{title}</BaseDialog.Title>
              {lead && (
                <BaseDialog.Description className="mt-1 text-[0.9375rem] text-soft">{lead}</BaseDialog.Description>
              )}
            </div>
            <BaseDialog.Close
              aria-label="Close"
              className="-mt-1 -mr-2 rounded-lg p-2 text-soft hover:bg-sunk hover:text-ink"
            >
              <X aria-hidden className="size-5" />
            </BaseDialog.Close>
          </div>
          {children}
        </BaseDialog.Popup>
      </BaseDialog.Portal>
    </BaseDialog.Root>
  );
}

/** Asks before something that can't be taken back. */
export function Confirm({
  open,
  onClose,
  title,
  lead,
  confirm,
  cancel = "Cancel",
  busy,
  onConfirm,
  children,
}: {
  open: boolean;
  onClose: () => void;
  title: string;
  lead: ReactNode;
  confirm: string;
  cancel?: string;
  busy: boolean;
  onConfirm: () => void;
  children?: ReactNode;
}) {
  return (
    <BaseAlert.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <BaseAlert.Portal>
        <BaseAlert.Backdrop className={backdrop} />
        <BaseAlert.Popup className={popup}>
          <BaseAlert.Title className="font-serif text-2xl leading-tight">{title}</BaseAlert.Title>
          <BaseAlert.Description className="mt-2 text-[0.9375rem] text-soft">{lead}</BaseAlert.Description>
          {children}
          <div className="mt-6 flex flex-wrap justify-end gap-2">
            <BaseAlert.Close render={<Button look="outline" />}>{cancel}</BaseAlert.Close>
            <Button look="danger" busy={busy} onClick={onConfirm}>
              {confirm}
            </Button>
          </div>
        </BaseAlert.Popup>
      </BaseAlert.Portal>
    </BaseAlert.Root>
  );
}
