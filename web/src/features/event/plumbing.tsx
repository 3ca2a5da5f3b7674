import { Segments } from "../../ui/segments.tsx";

/** What comes in and what goes out: two views of the same plumbing. */
export function Plumbing({ here }: { here: "events" | "effects" }) {
  return (
    <Segments
      label="Events or effects"
      items={[
        { text: "Webhooks in", link: { to: "/events", search: {} }, current: here === "events" },
        { text: "Effects out", link: { to: "/effects", search: {} }, current: here === "effects" },
      ]}
    />
  );
}
