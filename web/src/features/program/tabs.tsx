import { useQuery } from "@tanstack/react-query";
import { Segments } from "../../ui/segments.tsx";
import { canDecide, meQuery } from "../session/session.ts";

const tabs = [
  { to: "/program", text: "Brand and money" },
  { to: "/program/rules", text: "Rules" },
  { to: "/program/fraud", text: "Fraud signals" },
  { to: "/program/campaigns", text: "Campaigns" },
  { to: "/program/customers", text: "Known customers" },
] as const;

/** The way between the pages on which a program is set up. */
export function ProgramTabs({ here }: { here: (typeof tabs)[number]["to"] }) {
  const { data: me } = useQuery(meQuery);
  return (
    <Segments
      label="Parts of the program"
      items={tabs
        .filter(({ to }) => to !== "/program/customers" || canDecide(me))
        .map(({ to, text }) => ({ text, link: { to }, current: to === here }))}
    />
  );
}
