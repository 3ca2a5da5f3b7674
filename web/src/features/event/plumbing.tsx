import { useQuery } from "@tanstack/react-query";
import { Segments } from "../../ui/segments.tsx";
import { canDecide, meQuery } from "../session/session.ts";

/** What comes in, what goes out, and with whom: three views of the same plumbing. */
export function Plumbing({ here }: { here: "events" | "effects" | "connections" }) {
  const { data: me } = useQuery(meQuery);
  return (
    <Segments
      label="Events, effects and connections"
      items={[
        { text: "Webhooks in", link: { to: "/events", search: {} }, current: here === "events" },
        { text: "Effects out", link: { to: "/effects", search: {} }, current: here === "effects" },
        ...(canDecide(me)
          ? [{ text: "Connections", link: { to: "/connections" as const }, current: here === "connections" }]
          : []),
      ]}
    />
  );
}
