import type { Mailbox } from "../flag/index.ts";
import { emailKey, type Keys, normaliseEmail } from "../kernel/secrecy.ts";
import { foldedEmail, isPublicProvider } from "./providers.ts";

/** The lists are heavy and only a screening needs them: loaded with the first address. */
let lists:
  | Promise<{ domainOf: (host: string) => string | null; isDisposable: (domain: string) => boolean }>
  | undefined;
const loaded = () => {
  lists ??= (async () => {
    const [{ getDomain }, exact, wild] = await Promise.all([
      import("tldts"),
      import("disposable-email-domains/index.js"),
      import("disposable-email-domains/wildcard.js"),
    ]);
    const [domains, endings] = [new Set<string>(exact.default), new Set<string>(wild.default)];
    return {
      domainOf: (host) => getDomain(host, { allowPrivateDomains: true }),
      isDisposable: (host) => {
        if (domains.has(host)) return true;
        for (let rest = host; rest.includes("."); rest = rest.slice(rest.indexOf(".") + 1))
          if (endings.has(rest) || domains.has(rest)) return true;
        return false;
      },
    };
  })();
  return lists;
};

/** What can be told of an address without naming it; undefined for what is none. */
export async function mailboxOf(keys: Keys, address: string): Promise<Mailbox | undefined> {
  const normalised = normaliseEmail(address);
  const host = normalised.slice(normalised.lastIndexOf("@") + 1);
  if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(normalised)) return undefined;
  const { domainOf, isDisposable } = await loaded();
  const registrable = domainOf(host) ?? host;
  return {
    key: emailKey(keys, normalised),
    foldedKey: emailKey(keys, foldedEmail(normalised)),
    domainKey: emailKey(keys, registrable),
    domain: isDisposable(host) ? "disposable" : isPublicProvider(registrable) ? "public" : "private",
  };
}
