import { useNavigate } from "@tanstack/react-router";
import { SlidersHorizontal, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { applicationWords } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { CountrySelect } from "../../ui/country-select.tsx";
import { Field } from "../../ui/field.tsx";
import { useMedia } from "../../ui/media.ts";
import { filtersOf, isNarrowed, type ReviewFilters, reviewStatuses, searchOf } from "./filters.ts";

/** The filters, kept in the address so that a list can be shared and found again. */
export function Filters({ filters }: { filters: ReviewFilters }) {
  const navigate = useNavigate();
  const roomy = useMedia("(min-width: 48rem)");
  const [unfolded, setUnfolded] = useState(false);
  const shown = roomy || unfolded || isNarrowed({ ...filters, q: undefined });
  const apply = (next: ReviewFilters) => navigate({ to: "/applications", search: searchOf(next), resetScroll: false });

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? "");
    apply(
      filtersOf({
        status: text("status") || filters.status,
        q: text("q"),
        niche: text("niche"),
        country: text("country"),
        minFollowers: text("minFollowers"),
      }),
    );
  };

  return (
    <search aria-label="Filter applications">
      <form onSubmit={submit} className="mb-6">
        <div className="grid items-end gap-3 md:grid-cols-[11rem_1fr_9rem_auto] lg:grid-cols-[9rem_minmax(0,2fr)_minmax(0,1fr)_minmax(0,1fr)_8rem_auto]">
          <div className="flex items-end gap-3">
            <Field label="Status" plain className="flex-1">
              {(parts) => (
                <select
                  {...parts}
                  name="status"
                  defaultValue={filters.status}
                  onChange={(event) => event.currentTarget.form?.requestSubmit()}
                  className="field-box"
                >
                  {reviewStatuses.map((status) => (
                    <option key={status} value={status}>
                      {applicationWords[status].label}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            {!roomy && (
              <Button look="outline" aria-expanded={shown} onClick={() => setUnfolded(!unfolded)}>
                <SlidersHorizontal aria-hidden className="size-4" />
                More filters
              </Button>
            )}
          </div>
          <Field label="Search" plain className="md:col-span-3 lg:col-span-1">
            {(parts) => (
              <input
                {...parts}
                type="search"
                name="q"
                defaultValue={filters.q}
                maxLength={100}
                autoComplete="off"
                className="field-box"
                placeholder="Name, channel or any words of theirs"
              />
            )}
          </Field>
          {shown && (
            <>
              <Field label="Niche" plain>
                {(parts) => (
                  <input
                    {...parts}
                    name="niche"
                    defaultValue={filters.niche}
                    autoComplete="off"
                    className="field-box"
                    placeholder="Any"
                  />
                )}
              </Field>
              <Field label="Country" plain>
                {(parts) => (
                  <CountrySelect
                    {...parts}
                    name="country"
                    defaultValue={filters.country ?? ""}
                    onChange={(event) => event.currentTarget.form?.requestSubmit()}
                    placeholder="Any"
                  />
                )}
              </Field>
              <Field label="Followers from" plain>
                {(parts) => (
                  <input
                    {...parts}
                    name="minFollowers"
                    inputMode="numeric"
                    defaultValue={filters.minFollowers}
                    autoComplete="off"
                    className="field-box"
                    placeholder="0"
                  />
                )}
              </Field>
            </>
          )}
          <div className="flex gap-2">
            <Button type="submit" look="outline">
              Filter
            </Button>
            {isNarrowed(filters) && (
              <Button
                look="quiet"
                className="px-3"
                aria-label="Clear filters"
                onClick={() => apply(filtersOf({ status: filters.status }))}
              >
                <X aria-hidden className="size-4" />
                Clear
              </Button>
            )}
          </div>
        </div>
      </form>
    </search>
  );
}
