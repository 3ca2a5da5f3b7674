import type { ApplyForm } from "./form.ts";
import { emptyForm } from "./form.ts";

const key = "laurel.apply.draft";
/** Ticks are not kept: each is to be given on the page that is sent. */
type Draft = Pick<ApplyForm, "name" | "email" | "country" | "channels" | "niche" | "why" | "answers">;

/** Kept in this tab only, so that a shared computer forgets it. */
export function saveDraft(
  { name, email, country, channels, niche, why, answers }: Draft,
  store: Storage = sessionStorage,
): void {
  try {
    store.setItem(key, JSON.stringify({ name, email, country, channels, niche, why, answers }));
  } catch {
    // Without storage there is no draft; the form works all the same.
  }
}

export function dropDraft(store: Storage = sessionStorage): void {
  try {
    store.removeItem(key);
  } catch {
    // See above.
  }
}

/** The form as it was left, or empty. Anything that is not what this version wrote is ignored. */
export function loadDraft(store: Storage = sessionStorage): ApplyForm {
  try {
    const draft = JSON.parse(store.getItem(key) ?? "null") as Partial<Draft> | null;
    if (!draft || !Array.isArray(draft.channels) || draft.channels.length === 0) return emptyForm;
    const text = (value: unknown) => (typeof value === "string" ? value : "");
    return {
      ...emptyForm,
      name: text(draft.name),
      email: text(draft.email),
      country: text(draft.country),
      niche: text(draft.niche),
      why: text(draft.why),
      answers: Object.fromEntries(
        Object.entries(draft.answers ?? {}).filter((each): each is [string, string] => typeof each[1] === "string"),
      ),
      channels: draft.channels.map((channel) => ({
        kind: channel.kind ?? "instagram",
        handle: text(channel.handle),
        url: text(channel.url),
        followers: text(channel.followers),
      })),
    };
  } catch {
    return emptyForm;
  }
}
