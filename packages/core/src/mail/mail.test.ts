import { readFileSync } from "node:fs";
import { applicationStatuses } from "@laurel/contract";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { generate, generatedFile } from "../../scripts/build-mail.ts";
import { type Brand, type MailData, type MailName, render } from "./index.ts";
import { greeting, oneLine } from "./words.ts";

const brand: Brand = {
  name: "Northwind",
  senderName: "Northwind",
  shopUrl: "https://shop.example.com",
  publicOrigin: "https://club.example.com",
  replyTo: "hello@example.com",
};
const page = (path: string) => `https://club.example.com${path}#token=app_01.a-b_c&x=1`;

const samples: MailData = {
  application_confirm: { name: "Ada", confirmUrl: page("/apply/confirm"), statusUrl: page("/apply/status") },
  application_status: { name: "Ada", statusUrl: page("/apply/status"), confirmUrl: null, stage: "confirmed" },
  application_approved: {
    name: "Ada",
    code: "ADA15",
    offer: "15% off",
    link: "https://club.example.com/r/ADA15",
    portalUrl: page("/home"),
    rate: "10%",
  },
  application_waitlisted: { name: "Ada", statusUrl: page("/apply/status") },
  application_declined: {
    name: "Ada",
    reasonText: "All places are taken at the moment",
    reapplyText: null,
    statusUrl: page("/apply/status"),
  },
  approval_undone: { name: "Ada", statusUrl: page("/apply/status") },
  code_rotated: {
    name: "Ada",
    whyText: "The shop could not let customers use your code ADA15, so we have given you another one.",
    code: "ADAM15",
    link: "https://club.example.com/r/ADAM15",
    endsText: "ADA15 goes on working until 3 December 2026.",
    portalUrl: page("/home"),
  },
  sign_in: { name: "Ada", url: page("/sign-in"), code: "042917", minutes: 15 },
  you_earned: {
    name: "Ada",
    amount: "€4.20",
    orderDay: "19 November 2026",
    releaseDay: "19 December 2026",
    code: "ADA15",
    portalUrl: page("/home"),
  },
  claim_approved: {
    name: "Ada",
    orderNumber: "#1042",
    reasonText: "Your follower wrote to us, too.",
    amount: "€4.20",
    releaseDay: "19 December 2026",
    portalUrl: page("/home/orders/ord_1"),
  },
  claim_declined: {
    name: "Ada",
    orderNumber: "#1042",
    reasonText: "The order was placed before you joined.",
    portalUrl: page("/home/claims"),
  },
};
const names = Object.keys(samples) as MailName[];
const write = (name: MailName, change: object = {}, from: Brand = brand) =>
  render(name, { ...samples[name], ...change } as never, from);
/** Where the button of each mail leads. */
const target = (name: MailName): string => {
  const data = samples[name] as Record<string, string | null>;
  return (data.confirmUrl ?? data.url ?? data.portalUrl ?? data.statusUrl)!;
};
const decoded = (html: string) =>
  html
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&#34;|&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, "&");
const linksOf = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(([, address]) => decoded(address!));

test("the committed templates are what their sources compile to", async () => {
  expect(readFileSync(generatedFile, "utf8")).toBe(await generate());
});

test("neither MJML nor, before the first mail, Liquid is loaded", () => {
  for (const file of ["index.ts", "render.ts", "words.ts", "mail.ts"]) {
    const source = readFileSync(new URL(file, import.meta.url), "utf8");
    expect(source).not.toMatch(/mjml/);
    expect(source).not.toMatch(/^import (?!type\b).*(liquidjs|generated)/m);
  }
});

describe.each(names)("%s", (name) => {
  test("has a subject, a button, and the button's link as text in both parts", async () => {
    const { subject, html, text } = await write(name);
    expect(subject.length).toBeGreaterThan(8);
    expect(subject.length).toBeLessThan(70);
    expect(linksOf(html).filter((link) => link === target(name)).length).toBeGreaterThanOrEqual(2);
    expect(decoded(html)).toContain(`>${target(name)}</a>`);
    expect(text.split("\n")).toContain(target(name));
    expect(text).toContain("Hello Ada,");
    expect(decoded(html)).toContain("Hello Ada,");
  });

  test("fetches nothing, follows nobody, runs nothing and stays small", async () => {
    const { html, text } = await write(name);
    expect(html).not.toMatch(
      /<(img|link|script|iframe|form|object|embed)\b|url\(|@import|@font-face|background="|\bsrc=/i,
    );
    for (const link of linksOf(html)) expect(link).toMatch(/^https:\/\/(club|shop)\.example\.com/);
    expect(Buffer.byteLength(html)).toBeLessThan(30_000);
    expect(text).not.toMatch(/<\/?[a-z]|&[a-z]+;/i);
  });

  test("names its language, direction and schemes, and fills every placeholder", async () => {
    const { subject, html, text } = await write(name);
    expect(html).toMatch(/<html lang="en" dir="ltr"/);
    expect(html).toMatch(/<meta name="color-scheme" content="light dark">/);
    expect(html).toMatch(/<h1>[^<]+<\/h1>/);
    expect(decoded(html)).toContain(`<title>${subject}</title>`);
    for (const part of [subject, html, text]) expect(part).not.toMatch(/\{\{|\{%|%\}|\}\}|undefined|null|\[object/);
  });

  test("says honestly whether replies are read", async () => {
    expect((await write(name)).text).toContain("Just reply to this mail");
    const silent = await write(name, {}, { ...brand, replyTo: null });
    for (const part of [silent.html, silent.text]) {
      expect(part).not.toContain("Just reply");
      expect(part).toContain("not read");
    }
  });

  test.each([
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    `"><a href="https://evil.example">x</a>`,
    "{{ brand.replyTo }}{% raw %}{{ 7 | times: 6 }}",
    "Ada\r\nBcc: eve@evil.example\r\n\r\nbody",
    "\u202Egnp.exe\u202C \u2028 x",
    "🎉👩‍👩‍👧 محمد علي 王小明",
    "&lt;b&gt; & 'quotes' \"double\"",
    "\ud800 half a sign \u0000",
  ])("holds %j as inert text", async (hostile) => {
    const isText = (field: string) => !/Url$|^url$|^link$|^stage$|^minutes$/.test(field);
    const change = Object.fromEntries(
      Object.keys(samples[name])
        .filter(isText)
        .map((field) => [field, hostile]),
    );
    const { subject, html, text } = await write(name, change, { ...brand, name: hostile, senderName: hostile });
    const clean = await write(name);
    const shape = (page: string) => page.replace(/>[^<]*/g, ">").replace(/aria-label="[^"]*"/, "");
    const tags = (page: string) => (shape(page).match(/<[a-z!/][^>]*>/gi) ?? []).length;
    expect(tags(html)).toBe(tags(clean.html));
    expect(linksOf(html)).toEqual(linksOf(clean.html));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point
    expect(subject).not.toMatch(/[\u0000-\u001f\u2028\u202e]/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are the point
    expect(html + text).not.toMatch(/[\u0000-\u0008\r\u2028\u202e]/);
    expect(text.split("\n").length).toBe(clean.text.split("\n").length);
    expect(text).toContain(oneLine(hostile));
    expect(decoded(html)).toContain(oneLine(hostile));
  });
});

describe("what each mail says", () => {
  test("a status names its stage, and offers the confirmation only where it is still open", async () => {
    const titles = new Set<string>();
    for (const stage of applicationStatuses) {
      const { text } = await write("application_status", { stage });
      titles.add(text.split("\n")[4]!);
      expect(text).not.toContain("Confirm my application");
    }
    expect(titles.size).toBe(applicationStatuses.length);
    const open = await write("application_status", { stage: "submitted", confirmUrl: page("/apply/confirm") });
    expect(open.text).toContain(`Confirm my application:\n${page("/apply/confirm")}`);
    expect(linksOf(open.html)).toEqual(expect.arrayContaining([page("/apply/confirm"), page("/apply/status")]));
    expect(open.html.match(/class="button"/g) ?? []).toHaveLength(1);
  });

  test("approval gives code, offer, link and rate", async () => {
    const { subject, text } = await write("application_approved");
    expect(subject).toBe("Welcome to Northwind: your code is ADA15");
    for (const part of ["ADA15", "15% off", "https://club.example.com/r/ADA15", "You earn 10%"])
      expect(text).toContain(part);
  });

  test("a decline gives the reason, and when to try again where there is a when", async () => {
    expect((await write("application_declined")).text).toContain("All places are taken at the moment");
    expect((await write("application_declined")).text).not.toContain("again");
    const sentence = "You are welcome to apply again from 1 March 2027.";
    const { html, text } = await write("application_declined", { reapplyText: sentence });
    expect(text).toContain(sentence);
    expect(html).toContain(sentence);
  });

  test("an approval that was taken back is called our mistake, and the code is said to be dead", async () => {
    const { subject, html, text } = await write("approval_undone");
    expect(subject).toBe("Our mistake: your application to Northwind is not decided yet");
    for (const part of [html, text]) {
      expect(part).toContain("That was a mistake of ours");
      expect(part).toContain("does not work any more");
      expect(part).toContain("There is nothing you need to do.");
    }
  });

  test("a sign-in keeps the code off the lock screen: neither in the subject nor in the preview", async () => {
    const { subject, html, text } = await write("sign_in");
    expect(subject).not.toContain("042917");
    expect(html.slice(html.indexOf("<body"), html.indexOf("<h1>"))).not.toContain("042917");
    expect(html).toContain(">042917<");
    expect(text).toContain("\n042917\n");
    expect(text).toContain("15 minutes");
  });

  test("earnings give the amount and both days, and the code where there was one", async () => {
    const { subject, text } = await write("you_earned");
    expect(subject).toBe("You earned €4.20");
    expect(text).toContain("Order of: 19 November 2026\nWith your code: ADA15\nAvailable from: 19 December 2026\n");
    const byLink = await write("you_earned", { code: null });
    expect(byLink.html + byLink.text).not.toContain("With your code");
  });
});

describe("guards", () => {
  test.each(["javascript:alert(1)", "data:text/html,x", "/apply", "", "ftp://example.com"])(
    "%j is no page",
    async (url) => {
      await expect(write("sign_in", { url })).rejects.toThrow("web address");
      await expect(write("sign_in", {}, { ...brand, shopUrl: url })).rejects.toThrow("web address");
    },
  );

  test("a template without its data fails aloud", async () => {
    const { code: _code, ...rest } = samples.sign_in;
    await expect(render("sign_in", rest as never, brand)).rejects.toThrow("code");
  });

  test.each([
    ["Ada Lovelace", "Hello Ada Lovelace,"],
    ["Jean-Luc O’Neil Jr.", "Hello Jean-Luc O’Neil Jr.,"],
    ["J. R. R. Tolkien", "Hello J. R. R. Tolkien,"],
    ["محمد علي", "Hello محمد علي,"],
    ["", "Hello,"],
    ["Win at evil.example", "Hello,"],
    ["https://evil.example", "Hello,"],
    ["Visit www evil now", "Hello,"],
    ["eve@evil.example", "Hello,"],
    ["Claim $500", "Hello,"],
    ["Call 5551234", "Hello,"],
    ["A".repeat(61), "Hello,"],
  ])("a stranger's inbox is greeted as %j → %j", (name, expected) => expect(greeting(name)).toBe(expected));

  test("whatever the name, the greeting is one line without an address", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (name) => {
        expect(greeting(name)).toMatch(/^Hello( [^\r\n@/<>]+)?,$/u);
      }),
    );
  });
});
