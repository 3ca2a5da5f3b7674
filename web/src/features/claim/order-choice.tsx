import type { Order } from "@laurel/contract";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { useState } from "react";
import { get } from "../../api/client.ts";
import type { PageOf } from "../../api/pages.ts";
import { formatDay } from "../../format/time.ts";
import { orderWords } from "../../format/words.ts";
import { Button } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Money } from "../../ui/figures.tsx";
import { Radios } from "../../ui/radios.tsx";
import { Failure } from "../../ui/states.tsx";
import { announce } from "../../ui/toast.tsx";

/** Which order a claim is about: one of its number, or another one that is looked for. */
export function OrderChoice({
  orders,
  value,
  onChange,
  error,
}: {
  orders: readonly Order[];
  value: string;
  onChange: (orderId: string) => void;
  error: string | undefined;
}) {
  const [text, setText] = useState("");
  const find = useMutation({
    mutationFn: async (wanted: string) => {
      const by = async (name: string) => (await get<PageOf<Order>>("/api/orders", { [name]: wanted })).items;
      const numbered = await by("number");
      return numbered.length > 0 ? numbered : by("externalId");
    },
    onSuccess: (found) => {
      announce(found.length === 0 ? "No such order." : found.length === 1 ? "One order." : `${found.length} orders.`);
      if (found[0]) onChange(found[0].id);
    },
  });
  const found = find.data ?? [];
  const all = [...orders, ...found.filter(({ id }) => !orders.some((each) => each.id === id))];
  const look = () => {
    if (text.trim() && !find.isPending) find.mutate(text.trim());
  };
  return (
    <div className="grid gap-3">
      {all.length > 0 ? (
        <Radios
          legend="Which order it is"
          choices={all.map((order) => ({ value: order.id, label: <Row order={order} /> }))}
          value={value}
          onChange={onChange}
          error={error}
        />
      ) : (
        <p className="text-[0.9375rem]">We know no order of that number. Look for it, or decline the claim.</p>
      )}
      <div className="flex flex-wrap items-end gap-2">
        <Field
          label={all.length > 0 ? "Look for another order" : "Look for the order"}
          plain
          className="min-w-0 flex-1 basis-48"
          error={
            find.isSuccess && found.length === 0
              ? "There is no order of that number or id."
              : all.length === 0
                ? error
                : undefined
          }
        >
          {(parts) => (
            <input
              {...parts}
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                // Enter looks for the order; it must not decide the claim.
                if (event.key !== "Enter") return;
                event.preventDefault();
                look();
              }}
              maxLength={255}
              autoComplete="off"
              spellCheck={false}
              placeholder="Its number, or the checkout's own id"
              className="field-box"
            />
          )}
        </Field>
        <Button look="outline" busy={find.isPending} onClick={look}>
          <Search aria-hidden className="size-4" />
          Find
        </Button>
      </div>
      {find.isError && <Failure error={find.error} />}
    </div>
  );
}

const Row = ({ order }: { order: Order }) => (
  <span className="flex flex-wrap items-baseline gap-x-3">
    <span>
      {order.number && <span className="mr-2">{order.number}</span>}
      {formatDay(order.occurredAt)}
    </span>
    <Money minor={order.grossMinor} currency={order.currency} />
    <span className="text-soft">
      {orderWords[order.status].label}, {order.attribution ? "counts for somebody" : "counts for nobody"}
    </span>
    <Link to="/orders/$orderId" params={{ orderId: order.id }} target="_blank" className="link">
      Receipt<span className="sr-only"> (opens in a new tab)</span>
    </Link>
  </span>
);
