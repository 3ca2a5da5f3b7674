import { eventSources } from "@laurel/contract";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { X } from "lucide-react";
import { eventSourceWords, eventWords } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { connectionsQuery } from "../connection/queries.ts";
import { canDecide, meQuery } from "../session/session.ts";
import { type EventSearch, eventStatuses } from "./queries.ts";

/** Which events are shown; it stands in the address, so that a link leads to the same. */
export function EventFilters({ search }: { search: EventSearch }) {
  const navigate = useNavigate();
  const { data: me } = useQuery(meQuery);
  const connections = useQuery({ ...connectionsQuery, enabled: canDecide(me) });
  const set = (name: keyof EventSearch, value: string) =>
    navigate({ to: "/events", search: { ...search, [name]: value || undefined }, resetScroll: false });
  const narrowed = Object.values(search).some(Boolean);
  return (
    <search aria-label="Find events" className="mb-6 flex flex-wrap items-end gap-3">
      <Field label="Status" plain className="w-[calc(50%-0.375rem)] sm:w-48">
        {(parts) => (
          <select
            {...parts}
            value={search.status ?? ""}
            onChange={(event) => set("status", event.target.value)}
            className="field-box"
          >
            <option value="">All</option>
            <option value="dead">Needs a person</option>
            {eventStatuses.map((each) => (
              <option key={each} value={each}>
                {eventWords[each].label}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="How it came" plain className="w-[calc(50%-0.375rem)] sm:w-52">
        {(parts) => (
          <select
            {...parts}
            value={search.source ?? ""}
            onChange={(event) => set("source", event.target.value)}
            className="field-box"
          >
            <option value="">Either way</option>
            {eventSources.map((each) => (
              <option key={each} value={each}>
                {eventSourceWords[each]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {connections.data && connections.data.length > 1 && (
        <Field label="Checkout" plain className="w-full sm:w-52">
          {(parts) => (
            <select
              {...parts}
              value={search.connectionId ?? ""}
              onChange={(event) => set("connectionId", event.target.value)}
              className="field-box"
            >
              <option value="">All</option>
              {connections.data.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <Day label="From" value={search.from} onChange={(day) => set("from", day)} />
      <Day label="To" value={search.to} onChange={(day) => set("to", day)} />
      {narrowed && (
        <Button
          look="quiet"
          className="px-3"
          onClick={() => navigate({ to: "/events", search: {}, resetScroll: false })}
        >
          <X aria-hidden className="size-4" />
          Clear
        </Button>
      )}
    </search>
  );
}

const Day = ({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (day: string) => void;
}) => (
  <Field label={label} plain className="w-[calc(50%-0.375rem)] sm:w-40">
    {(parts) => (
      <input
        {...parts}
        type="date"
        value={value ?? ""}
        onChange={(event) => onChange(event.target.value)}
        className="field-box"
      />
    )}
  </Field>
);
