import type { Program } from "@laurel/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Users } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { get, patch } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { Button } from "../../ui/button.tsx";
import { cx } from "../../ui/cx.ts";
import { Time } from "../../ui/figures.tsx";
import { Failure } from "../../ui/states.tsx";
import { announce, toast } from "../../ui/toast.tsx";
import { Unsaved } from "../../ui/unsaved.tsx";
import { type Change, changesBetween, fieldsOf, type Wanted } from "./changes.ts";
import { programQuery, rulesQuery } from "./queries.ts";

interface Conflict {
  /** The program as somebody else saved it meanwhile. */
  latest: Program;
  theirs: Change[];
  mine: Wanted;
}

/**
 * Saves part of the program's settings, and keeps two people from undoing each other's work: what somebody else saved
 * meanwhile is shown before anything of one's own is put beside it.
 * @param base the program as the form began with it
 * @param onSaved takes the program as it stands then
 */
export function useProgramSave(base: Program, onSaved: (program: Program) => void) {
  const client = useQueryClient();
  const [conflict, setConflict] = useState<Conflict>();

  const settle = (program: Program) => {
    setConflict(undefined);
    client.setQueryData(programQuery.queryKey, program);
    void client.invalidateQueries({ queryKey: ["program", "public"] });
    void client.invalidateQueries({ queryKey: rulesQuery.queryKey });
    onSaved(program);
  };

  const save = useMutation({
    mutationFn: ({ wanted, version }: { wanted: Wanted; version: number }) =>
      patch<Program>("/api/program", { version, ...wanted }),
    onSuccess: (saved) => {
      settle(saved);
      toast("Saved. It takes effect within half a minute.");
    },
    onError: async (error, { wanted }) => {
      if (!(error instanceof ApiError) || error.status !== 409) return;
      // Not into the cache yet: the form would take it over, and what was typed would be gone.
      const latest = await get<Program>("/api/program").catch(() => undefined);
      if (!latest) return;
      setConflict({ latest, theirs: changesBetween(base, latest), mine: wanted });
      announce("Somebody else saved changes meanwhile. Yours are not saved yet.");
    },
  });

  return {
    /** Saves; once somebody else's changes were shown, on top of them. */
    save: (wanted: Wanted) => {
      if (!save.isPending) save.mutate({ wanted, version: (conflict?.latest ?? base).version });
    },
    isPending: save.isPending,
    error: save.error,
    conflict,
    /** Drops one's own changes. */
    takeTheirs: () => {
      if (!conflict) return;
      save.reset();
      settle(conflict.latest);
      announce("Your changes are dropped. This is how it stands now.");
    },
  };
}

export type ProgramSave = ReturnType<typeof useProgramSave>;

/**
 * The program as a form began with it. A newer one, read because a window came back to the front, is taken over while nothing
 * was changed; otherwise saving finds out, and says so.
 */
export function useBase(program: Program, dirty: boolean, takeOver: (program: Program) => void) {
  const [base, setBase] = useState(program);
  const adopt = (next: Program) => {
    setBase(next);
    takeOver(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another version is news
  useEffect(() => {
    if (!dirty && program.version !== base.version) adopt(program);
  }, [program.version, dirty]);
  return [base, adopt] as const;
}

/** The foot of a form: save and undo, what went wrong, and care for what was not saved. */
export function SaveBar({
  state,
  dirty,
  onUndo,
  invalid,
  children,
}: {
  state: ProgramSave;
  dirty: boolean;
  onUndo: () => void;
  /** How many fields need another look; 0 while nobody has tried to save. */
  invalid: number;
  /** More that can be done with what stands in the form. */
  children?: ReactNode;
}) {
  const { error, conflict } = state;
  // The bar has come up, over what is being typed perhaps.
  useEffect(() => {
    if (dirty) document.activeElement?.scrollIntoView({ block: "nearest" });
  }, [dirty]);
  const told = error instanceof ApiError && (error.status === 409 ? conflict !== undefined : error.fields.length > 0);
  return (
    <>
      <Unsaved when={dirty} />
      {conflict && <Meanwhile conflict={conflict} state={state} />}
      {error && !told && <Failure error={error} className="mb-4" />}
      {/* At hand while there is something to save; otherwise out of the way, at the end. */}
      <div
        data-foot={dirty || undefined}
        className={cx(
          dirty &&
            "-mx-4 sticky bottom-0 z-10 border-line border-t bg-paper px-4 py-3 sm:bottom-3 sm:mx-0 sm:rounded-xl sm:border sm:px-5 sm:shadow-card",
        )}
      >
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <Button type="submit" busy={state.isPending} disabled={!dirty || conflict !== undefined}>
            Save changes
          </Button>
          {children}
          {dirty && (
            <Button look="quiet" onClick={onUndo}>
              Undo
            </Button>
          )}
          <span className="text-sm text-soft">
            {invalid > 0
              ? invalid === 1
                ? "One field needs another look."
                : `${invalid} fields need another look.`
              : dirty
                ? "Not saved yet."
                : ""}
          </span>
        </div>
      </div>
    </>
  );
}

function Meanwhile({ conflict, state }: { conflict: Conflict; state: ProgramSave }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  const mine = new Set(fieldsOf(conflict.mine));
  const both = conflict.theirs.filter(({ field }) => mine.has(field));
  return (
    <div
      ref={box}
      role="alert"
      tabIndex={-1}
      className="mb-4 rounded-xl border border-wait/40 bg-wait-wash p-5 outline-none"
    >
      <p className="flex items-center gap-2 font-semibold">
        <Users aria-hidden className="size-5 shrink-0 text-wait" />
        Somebody else saved changes meanwhile
      </p>
      <p className="mt-1 text-[0.9375rem]">
        <Time at={conflict.latest.updatedAt} as="relative" />. Yours are still here, and not saved yet.
      </p>
      {conflict.theirs.length > 0 && <Changes items={conflict.theirs} mine={mine} className="mt-4" />}
      <div className="mt-4 flex flex-wrap gap-2">
        <Button type="submit" busy={state.isPending}>
          {both.length > 0 ? "Save mine over theirs" : "Save mine as well"}
        </Button>
        <Button look="outline" onClick={state.takeTheirs}>
          Take theirs, drop mine
        </Button>
      </div>
    </div>
  );
}

/** What changed, from what to what. */
export function Changes({
  items,
  mine,
  className,
}: {
  items: readonly { what: string; from: string; to: string; field?: string }[];
  /** Fields that this person changed too. */
  mine?: ReadonlySet<string>;
  className?: string;
}) {
  return (
    <dl className={className}>
      {items.map(({ what, from, to, field }) => (
        <div key={what} className="py-1 text-[0.9375rem]">
          <dt className="font-semibold">
            {what}
            {field && mine?.has(field) && (
              <span className="ml-2 font-normal text-sm text-wait">you changed it too</span>
            )}
          </dt>
          <dd>
            <span className="line-through decoration-1 opacity-75">{from}</span> <span className="sr-only">became</span>
            <span aria-hidden>→</span> {to}
          </dd>
        </div>
      ))}
    </dl>
  );
}
