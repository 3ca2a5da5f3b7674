import type { Audit } from "@laurel/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { ScrollText, X } from "lucide-react";
import type { FormEvent } from "react";
import { pages } from "../../api/pages.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Time } from "../../ui/figures.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Empty } from "../../ui/states.tsx";
import { changesOf } from "./changes.ts";

const auditQuery = (subject: string | undefined) => pages<Audit>(["audit"], "/api/audit", { subject });

export function AuditLog() {
  const { subject } = getRouteApi("/staff/audit").useSearch();
  const navigate = useNavigate();
  const listing = useInfiniteQuery(auditQuery(subject));
  const show = (next: string | undefined) =>
    navigate({ to: "/audit", search: next ? { subject: next } : {}, resetScroll: false });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    void show(String(new FormData(event.currentTarget).get("subject") ?? "").trim());
  };

  return (
    <Page title="Audit log" width="column" lead="Who decided what, and when. Entries are never changed.">
      <search aria-label="Find entries">
        <form key={subject} onSubmit={submit} className="mb-6 flex flex-wrap items-end gap-3">
          <Field label="Subject" plain className="min-w-0 flex-1 basis-56">
            {(parts) => (
              <input
                {...parts}
                name="subject"
                defaultValue={subject}
                maxLength={100}
                autoComplete="off"
                spellCheck={false}
                className="field-box font-mono"
                placeholder="app_…, amb_…"
              />
            )}
          </Field>
          <div className="flex gap-2">
            <Button type="submit" look="outline">
              Find
            </Button>
            {subject && (
              <Button look="quiet" className="px-3" aria-label="Clear filter" onClick={() => show(undefined)}>
                <X aria-hidden className="size-4" />
                Clear
              </Button>
            )}
          </div>
        </form>
      </search>
      <Pages
        listing={listing}
        empty={
          <Empty title="No entries" icon={<ScrollText aria-hidden className="size-6" />}>
            {subject ? "Nothing was decided about this subject." : "The first decision appears here."}
          </Empty>
        }
      >
        {(rows) => (
          <ol className="space-y-3">
            {rows.map((entry) => (
              <li key={entry.id} className="rounded-xl border border-line bg-card px-5 py-4">
                <Entry entry={entry} />
              </li>
            ))}
          </ol>
        )}
      </Pages>
    </Page>
  );
}

const whoOf = ({ actor }: Audit): string =>
  actor.name ??
  (actor.kind === "system"
    ? "Laurel itself"
    : actor.kind === "public"
      ? "The applicant"
      : "Somebody no longer in the team");

function Entry({ entry }: { entry: Audit }) {
  const changes = changesOf(entry);
  return (
    <article>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <h2 className="font-semibold">{sentence(entry.action)}</h2>
        <Time at={entry.at} className="text-sm text-soft" />
      </div>
      <p className="text-[0.9375rem] text-soft">
        {whoOf(entry)} · <Subject id={entry.subject} />
      </p>
      {changes.length > 0 && (
        <dl className="mt-2 space-y-0.5 text-[0.9375rem]">
          {changes.map(({ field, from, to }) => (
            <div key={field} className="flex flex-wrap gap-x-2">
              <dt className="text-soft">{field}</dt>
              <dd className="min-w-0">
                {from !== undefined && (
                  <>
                    <span className="text-soft line-through">{from}</span> <span className="sr-only">became</span>
                    <span aria-hidden>→</span>{" "}
                  </>
                )}
                {to}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {entry.note && (
        <p className="mt-2 whitespace-pre-line border-line border-l-2 pl-3 text-[0.9375rem]">{entry.note}</p>
      )}
    </article>
  );
}

/** application.already_decided → Application already decided */
const sentence = (action: string): string => {
  const text = action.replaceAll(/[._]/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

function Subject({ id }: { id: string }) {
  const text = <span className="font-mono text-sm">{id}</span>;
  if (id.startsWith("app_"))
    return (
      <Link to="/applications/$applicationId" params={{ applicationId: id }} className="link">
        {text}
      </Link>
    );
  if (id.startsWith("amb_"))
    return (
      <Link to="/ambassadors/$ambassadorId" params={{ ambassadorId: id }} className="link">
        {text}
      </Link>
    );
  if (id.startsWith("ord_"))
    return (
      <Link to="/orders/$orderId" params={{ orderId: id }} className="link">
        {text}
      </Link>
    );
  return text;
}
