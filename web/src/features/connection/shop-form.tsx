import type { Connection } from "@laurel/contract";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { post } from "../../api/client.ts";
import { ApiError } from "../../api/problem.ts";
import { fieldMessage } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Failure } from "../../ui/states.tsx";
import { announce, toast } from "../../ui/toast.tsx";
import { connectionsQuery } from "./queries.ts";
import { type ShopProvider, shopWords } from "./shop-words.ts";

interface ShopFormProps {
  provider: ShopProvider;
  /** The connection that goes on by what is entered; a new one unless given. */
  of?: Connection | undefined;
  onDone: () => void;
}

/** Connects a shop by what its owner copies from its own pages. */
export function ShopForm({ provider, of, onDone }: ShopFormProps) {
  const client = useQueryClient();
  const connections = useQuery(connectionsQuery);
  const accounts = (connections.data ?? []).filter((each) => each.provider === "stripe" && each.state === "active");
  const { steps, ...words } = shopWords[provider];
  const shopUrl = of?.shopUrl;
  // Another address would be another shop.
  const fields = words.fields.filter(({ name }) => name !== "shopUrl" || !shopUrl);
  const goesOn = of?.state === "active";
  const [values, setValues] = useState<Record<string, string>>(shopUrl ? { shopUrl } : {});
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const textOf = (name: string) => values[name] ?? "";
  const focusOn = (name: string) => form.current?.querySelector<HTMLElement>(`[name="${name}"]`)?.focus();

  const send = useMutation({
    mutationFn: () =>
      post<Connection>("/api/connections", {
        provider,
        ...Object.fromEntries(Object.entries(values).filter(([, value]) => value.trim() !== "")),
      }),
    onSuccess: (connection) => {
      void client.invalidateQueries({ queryKey: connectionsQuery.queryKey });
      void client.invalidateQueries({ queryKey: ["setup"] });
      toast(
        connection.state === "active"
          ? `${connection.name} goes on with the new keys.`
          : `${connection.name} is being connected.`,
      );
      onDone();
    },
    onError: (error) => {
      if (error instanceof ApiError && error.fields[0]) focusOn(error.fields[0].field);
    },
  });
  const refused = send.error instanceof ApiError ? send.error.fields : [];
  const said = (name: string, subject: string) => {
    const found = refused.find((each) => each.field === name);
    return found && fieldMessage(subject, found.message);
  };
  const set = (name: string, value: string) => {
    setValues({ ...values, [name]: value });
    if (!send.isPending) send.reset();
  };

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const wrong = fields.find((field) => field.wrong(textOf(field.name)));
    if (wrong) {
      announce("Some fields need another look.");
      focusOn(wrong.name);
    } else if (!send.isPending) send.mutate();
  };

  return (
    <form ref={form} onSubmit={submit} noValidate className="space-y-5">
      <details className="rounded-lg bg-sunk px-4 py-3 text-[0.9375rem]">
        <summary className="font-semibold">Where to find these</summary>
        <ol className="mt-2 list-decimal space-y-1.5 pl-5">
          {steps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      </details>
      {fields.map(({ name, label, hint, secret, wrong }) => (
        <Field
          key={name}
          label={label}
          required
          hint={hint}
          error={(tried ? wrong(textOf(name)) : undefined) ?? said(name, label)}
        >
          {(parts) => (
            <input
              {...parts}
              name={name}
              type={secret ? "password" : "text"}
              inputMode={secret ? undefined : "url"}
              value={textOf(name)}
              onChange={(event) => set(name, event.target.value.trim())}
              autoComplete="off"
              data-1p-ignore
              spellCheck={false}
              className={secret ? "field-box font-mono" : "field-box"}
            />
          )}
        </Field>
      ))}
      {!goesOn && accounts.length > 0 && (
        <Field
          label="Takes its money by"
          hint="If the shop pays through a Stripe account that is connected here, say which: a sale that both tell of is then one."
          error={said("stripeConnectionId", "The account")}
        >
          {(parts) => (
            <select
              {...parts}
              name="stripeConnectionId"
              value={textOf("stripeConnectionId")}
              onChange={(event) => set("stripeConnectionId", event.target.value)}
              className="field-box"
            >
              <option value="">Something else</option>
              {accounts.map(({ id, name, livemode }) => (
                <option key={id} value={id}>
                  {name}
                  {livemode ? "" : " (test mode)"}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      {!of && (
        <Field
          label="Name"
          hint="What your team calls it. Without one, it has the shop's name."
          error={said("name", "The name")}
        >
          {(parts) => (
            <input
              {...parts}
              name="name"
              maxLength={60}
              value={textOf("name")}
              onChange={(event) => set("name", event.target.value.trimStart())}
              autoComplete="off"
              className="field-box"
            />
          )}
        </Field>
      )}
      {send.isError && refused.length === 0 && <Failure error={send.error} />}
      <div className="flex flex-wrap justify-end gap-2">
        <Button look="outline" onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" busy={send.isPending}>
          {goesOn ? "Change the key" : "Connect"}
        </Button>
      </div>
    </form>
  );
}
