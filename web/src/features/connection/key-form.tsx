import type { ConnectCheckout, Connection } from "@laurel/contract";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { post } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Field, type FieldParts } from "../../ui/field.tsx";
import { Failure } from "../../ui/states.tsx";
import { announce, toast } from "../../ui/toast.tsx";
import { connectionPath, connectionsQuery } from "./queries.ts";

/** What a restricted key has to be allowed, in the words of Stripe's own page. */
const rights: [right: string, what: string][] = [
  ["Write", "Webhook Endpoints, Coupons, Promotion Codes"],
  [
    "Read",
    "Charges and Refunds, Customers, Disputes, Events, PaymentIntents, Checkout Sessions, Invoices, Subscriptions",
  ],
];

/** What is wrong with a key before anybody is asked; undefined where nothing is. */
export function wrongKey(text: string): string | undefined {
  if (text === "") return "The key is missing.";
  if (/^pk_/.test(text)) return "This is a publishable key. Take the secret one, or make a restricted one.";
  if (/^whsec_/.test(text)) return "This is a webhook's secret. Laurel makes its own webhook; it needs an API key.";
  if (/^(sk|rk)_org_/.test(text)) return "This key is for an organization. Take one of the account itself.";
  if (/[…*•]/.test(text)) return "This key is blacked out. Reveal it at Stripe, then copy all of it.";
  if (!/^(sk|rk)_(test|live)_\w{4,}$/.test(text)) return "A key of Stripe begins with sk_ or rk_. Copy all of it.";
  return undefined;
}

const focusOn = (form: HTMLFormElement | null, field: string): void =>
  form?.querySelector<HTMLInputElement>(`[name="${field}"]`)?.focus();

/**
 * Connects a Stripe account by its key, or gives a connection another one.
 * @param of the connection that gets another key; a new one is made without
 */
export function KeyForm({ of, onDone }: { of?: Connection; onDone: () => void }) {
  const client = useQueryClient();
  const [apiKey, setApiKey] = useState("");
  const [name, setName] = useState("");
  const [accountId, setAccountId] = useState("");
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const send = useMutation({
    mutationFn: () =>
      of
        ? post<Connection>(`${connectionPath(of.id)}/key`, { apiKey })
        : post<Connection>("/api/connections", {
            provider: "stripe",
            apiKey,
            ...(name.trim() ? { name } : {}),
            ...(accountId.trim() ? { accountId } : {}),
          } satisfies typeof ConnectCheckout._input),
    onError: (error) => {
      if (!(error instanceof ApiError)) return;
      const hides = error.code === "stripe.account_hidden";
      if (hides) announce(error.message);
      // Into the field that is to be looked at; the one for the account is only there in a moment.
      if (hides || error.fields.length > 0)
        requestAnimationFrame(() => focusOn(form.current, hides ? "accountId" : error.fields[0]!.field));
    },
    onSuccess: (connection) => {
      void client.invalidateQueries({ queryKey: connectionsQuery.queryKey });
      void client.invalidateQueries({ queryKey: ["setup"] });
      toast(of ? "The new key is in use." : `${connection.name} is being connected.`);
      onDone();
    },
  });
  const problem = send.error instanceof ApiError ? send.error : undefined;
  const said = (field: string, subject: string) => {
    const found = problem?.fields.find((each) => each.field === field);
    return found && fieldMessage(subject, found.message);
  };
  // Only keys that may not read their own account ask for its id; the field says so, and that is all there is to say.
  const unread = problem?.code === "stripe.account_hidden";
  const hidden = unread || accountId !== "";
  const wrong = tried ? wrongKey(apiKey) : undefined;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    if (wrongKey(apiKey)) focusOn(form.current, "apiKey");
    else if (!send.isPending) send.mutate();
  };
  const input =
    (name: string, value: string, set: (text: string) => void, more: { mono?: boolean; secret?: boolean } = {}) =>
    (parts: FieldParts) => (
      <input
        {...parts}
        name={name}
        type={more.secret ? "password" : "text"}
        value={value}
        onChange={(event) => {
          set(event.currentTarget.value.trimStart());
          if (!send.isPending && !unread) send.reset();
        }}
        autoComplete="off"
        data-1p-ignore
        spellCheck={false}
        className={more.mono ? "field-box font-mono" : "field-box"}
      />
    );

  return (
    <form ref={form} onSubmit={submit} noValidate className="space-y-5">
      <Field
        label="API key"
        required
        hint="Restricted (rk_…) or secret (sk_…). It is kept encrypted, and nobody sees it again."
        error={wrong ?? said("apiKey", "The key")}
      >
        {input("apiKey", apiKey, (text) => setApiKey(text.trim()), { mono: true, secret: true })}
      </Field>
      {!of && hidden && (
        <Field
          label="Account id"
          required
          hint="This key may not read its own account. At Stripe: Settings, Account details. It begins with acct_."
          error={said("accountId", "The account id")}
        >
          {input("accountId", accountId, (text) => setAccountId(text.trim()), { mono: true })}
        </Field>
      )}
      {!of && (
        <Field
          label="Name"
          hint="What your team calls it. Without one, it has the account's name."
          error={said("name", "The name")}
        >
          {input("name", name, setName)}
        </Field>
      )}
      <details className="rounded-lg bg-sunk px-4 py-3 text-[0.9375rem]">
        <summary className="cursor-pointer font-semibold">What a restricted key has to be allowed</summary>
        <dl className="mt-2 space-y-1.5">
          {rights.map(([right, what]) => (
            <div key={right} className="grid grid-cols-[4rem_1fr] gap-2">
              <dt className="text-soft">{right}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </details>
      {send.isError && !unread && (problem?.fields.length ?? 0) === 0 && <Failure error={send.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="outline" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" busy={send.isPending}>
          {of ? "Use this key" : "Connect"}
        </Button>
      </div>
    </form>
  );
}
