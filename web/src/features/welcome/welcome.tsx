import { useQuery } from "@tanstack/react-query";
import { ReceiptText, Sparkles, Ticket } from "lucide-react";
import type { ReactNode } from "react";
import { ButtonLink } from "../../ui/button.tsx";
import { LaurelMark } from "../../ui/laurel.tsx";
import { usePageTitle } from "../../ui/page.tsx";
import { publicProgramQuery } from "../session/session.ts";

function Point({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <li className="border-line border-t pt-5">
      <span className="text-leaf">{icon}</span>
      <h2 className="mt-2 font-serif text-xl">{title}</h2>
      <p className="mt-1 text-[0.9375rem] text-soft">{children}</p>
    </li>
  );
}

/** The door for somebody who is not signed in. */
export function Welcome() {
  const { data: program } = useQuery(publicProgramQuery);
  const heading = usePageTitle(program ? `${program.name} ambassadors` : "Laurel");
  return (
    <div className="mx-auto w-full max-w-6xl px-4 pt-14 pb-16 sm:px-6 lg:pt-24">
      <div className="grid items-center gap-10 lg:grid-cols-[1fr_auto]">
        <div className="max-w-2xl">
          <p className="eyebrow">Ambassador program</p>
          <h1
            ref={heading}
            tabIndex={-1}
            className="mt-3 font-serif text-[2.75rem] leading-[1.05] tracking-[-0.02em] sm:text-6xl"
          >
            {program ? `Speak for ${program.name}.` : "Speak for what you love."}
          </h1>
          <p className="mt-5 max-w-xl text-lg text-soft">
            {program?.voice ?? "Share a code of your own, and earn on every order that it brings."}
          </p>
          <div className="mt-8 flex flex-wrap gap-3">
            <ButtonLink to="/apply" className="px-6 text-base">
              Apply to join
            </ButtonLink>
            <ButtonLink to="/sign-in" look="outline" className="px-6 text-base">
              Sign in
            </ButtonLink>
          </div>
        </div>
        <LaurelMark className="hidden size-64 text-leaf lg:block" />
      </div>
      <ul className="mt-16 grid gap-8 sm:grid-cols-3">
        <Point icon={<Ticket aria-hidden className="size-6" />} title="A code that is yours">
          Easy to say, with a link and a QR code. Your friends pay less, you earn a share.
        </Point>
        <Point icon={<ReceiptText aria-hidden className="size-6" />} title="A receipt for every order">
          See why an order counted for you, how your share was worked out, line by line, and when it is yours.
        </Point>
        <Point icon={<Sparkles aria-hidden className="size-6" />} title="A person reads your application">
          The team decides, not a formula. You hear where it stands, and why.
        </Point>
      </ul>
    </div>
  );
}
