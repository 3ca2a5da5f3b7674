import type { ApplicationStatus } from "@laurel/contract";
import { parseFollowers } from "../../format/followers.ts";

/** As they stand in the address. */
export interface ReviewSearch {
  status?: string;
  q?: string;
  niche?: string;
  country?: string;
  minFollowers?: string;
}

export interface ReviewFilters {
  status: ApplicationStatus;
  /** Words to look for. */
  q: string | undefined;
  niche: string | undefined;
  country: string | undefined;
  minFollowers: number | undefined;
}

export const reviewStatuses: readonly ApplicationStatus[] = [
  "confirmed",
  "waitlisted",
  "approved",
  "declined",
  "submitted",
  "withdrawn",
];

/** What of an address can be asked of the API; the rest is left out, so that a mistyped address still shows a list. */
export function filtersOf(search: ReviewSearch): ReviewFilters {
  const status = reviewStatuses.find((each) => each === search.status) ?? "confirmed";
  const country = search.country?.trim().toUpperCase();
  const niche = search.niche?.trim().slice(0, 60);
  return {
    status,
    q: search.q?.trim().slice(0, 100).trim() || undefined,
    niche: niche || undefined,
    country: country && /^[A-Z]{2}$/.test(country) ? country : undefined,
    minFollowers: search.minFollowers ? parseFollowers(search.minFollowers) || undefined : undefined,
  };
}

/** The address for some filters; what is the default is not written. */
export const searchOf = (filters: ReviewFilters): ReviewSearch => ({
  ...(filters.status === "confirmed" ? {} : { status: filters.status }),
  ...(filters.q ? { q: filters.q } : {}),
  ...(filters.niche ? { niche: filters.niche } : {}),
  ...(filters.country ? { country: filters.country } : {}),
  ...(filters.minFollowers ? { minFollowers: String(filters.minFollowers) } : {}),
});

export const isNarrowed = (filters: ReviewFilters): boolean =>
  filters.q !== undefined ||
  filters.niche !== undefined ||
  filters.country !== undefined ||
  filters.minFollowers !== undefined;
