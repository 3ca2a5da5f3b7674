import type { Liquid, Template } from "liquidjs";
import { assert } from "../kernel/errors.ts";
import type { Brand, MailData, MailName, RenderedMail } from "./mail.ts";
import { greeting, oneLine, stages } from "./words.ts";

type Parsed = Record<keyof RenderedMail, Template[]>;

interface Engines {
  /** Escapes every value for HTML. */
  html: Liquid;
  /** For what is not HTML: subjects and plain text. */
  plain: Liquid;
  parsed: Map<MailName, Parsed>;
  sources: Record<MailName, RenderedMail>;
}

let loading: Promise<Engines> | undefined;

/** Liquid and the templates are loaded with the first mail: most functions write none. */
async function load(): Promise<Engines> {
  const [{ Liquid }, { templates }] = await Promise.all([import("liquidjs"), import("./templates.generated.ts")]);
  const strict = { strictVariables: true, strictFilters: true, ownPropertyOnly: true, cache: false } as const;
  return {
    html: new Liquid({ ...strict, outputEscape: "escape" }),
    plain: new Liquid(strict),
    parsed: new Map(),
    sources: templates,
  };
}

/** Pages are addressed over the web and nothing else: a `javascript:` must not get as far as an inbox. */
function webAddress(field: string, value: string): string {
  const url = URL.parse(value);
  assert(url && (url.protocol === "https:" || url.protocol === "http:"), `${field} is a web address`);
  return oneLine(value).replace(/ /g, "%20");
}

const addressFields = /Url$|^url$|^link$|^publicOrigin$/;

/** Every value as one inert line: what a value contains is never read as HTML or Liquid. */
function values(data: object): Record<string, string | number | null> {
  const made: Record<string, string | number | null> = {};
  for (const [field, value] of Object.entries(data) as [string, unknown][]) {
    if (value === null || typeof value === "number") made[field] = value;
    else if (addressFields.test(field)) made[field] = webAddress(field, value as string);
    else made[field] = oneLine(value as string);
  }
  return made;
}

/**
 * Writes a mail. The text of all templates is Laurel's own and English; values stay what they are: text.
 * @throws where the data lack something that the template shows: a fault of ours
 */
export async function render<K extends MailName>(name: K, data: MailData[K], brand: Brand): Promise<RenderedMail> {
  loading ??= load();
  const { html, plain, parsed, sources } = await loading;
  let template = parsed.get(name);
  if (!template) {
    const { subject, html: page, text } = sources[name];
    template = { subject: plain.parse(subject), html: html.parse(page), text: plain.parse(text) };
    parsed.set(name, template);
  }
  const stage = "stage" in data ? stages[data.stage] : undefined;
  const scope = {
    ...values(data),
    hello: greeting(data.name),
    brand: values(brand),
    ...(stage ? { stageTitle: stage.title, stageText: stage.text } : {}),
  };
  return {
    subject: oneLine(plain.renderSync(template.subject, scope) as string),
    html: html.renderSync(template.html, scope) as string,
    text: plain.renderSync(template.text, scope) as string,
  };
}
