import type { SetupStepName } from "@laurel/contract";
import type { LinkProps } from "@tanstack/react-router";

interface Words {
  title: string;
  /** One sentence on why. */
  why: string;
  /** What to press, and where in the portal it leads; without a place the step's own link is meant. */
  action?: { label: string; to?: NonNullable<LinkProps["to"]> };
}

export const stepWords: Record<SetupStepName, Words> = {
  sign_in: { title: "Sign in", why: "You are in." },
  connect: {
    title: "Connect your checkout",
    why: "Stripe, Shopify or WooCommerce, by a key: Laurel makes the webhook and the codes there itself.",
    action: { label: "Connect a checkout", to: "/connections" },
  },
  sender: {
    title: "Verify the sender",
    why: "Amazon SES sends no mail until it knows that the sender is yours.",
    action: { label: "Open Amazon SES" },
  },
  sandbox: {
    title: "Leave the mail sandbox",
    why: "A new account may only write to addresses that it has verified. Ask Amazon for production access.",
    action: { label: "Request access" },
  },
  brand: {
    title: "Make it yours",
    why: "Look over name, voice, rules and documents, and save them once.",
    action: { label: "Open the program", to: "/program" },
  },
  share: {
    title: "Share the application page",
    why: "Put its link where your customers are. This step is done with the first application.",
  },
  first_event: {
    title: "See the first event arrive",
    why: "Make a purchase, in test mode if you like: its webhook shows that all is connected.",
    action: { label: "Watch the events", to: "/events" },
  },
};
