import { customerKinds } from "@laurel/contract";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { ReceiptText, X } from "lucide-react";
import type { FormEvent } from "react";
import { Button, ButtonLink } from "../../ui/button.tsx";
import { Field } from "../../ui/field.tsx";
import { Page } from "../../ui/page.tsx";
import { Pages } from "../../ui/pages.tsx";
import { Empty } from "../../ui/states.tsx";
import { Table } from "../../ui/table.tsx";
import { orderColumns } from "./columns.tsx";
import { ordersQuery } from "./queries.ts";

const columns = orderColumns("staff");

export function Orders() {
  const search = getRouteApi("/staff/orders").useSearch();
  const navigate = useNavigate();
  const customer = customerKinds.find((each) => each === search.customer);
  const listing = useInfiniteQuery(ordersQuery({ ...search, customer }));
  const narrowed = Boolean(search.number || search.externalId || search.code || search.ambassadorId || customer);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? "").trim() || undefined;
    void navigate({
      to: "/orders",
      search: {
        number: text("number"),
        externalId: text("externalId"),
        code: text("code")?.toUpperCase(),
        customer: text("customer"),
        ...(search.ambassadorId ? { ambassadorId: search.ambassadorId } : {}),
      },
      resetScroll: false,
    });
  };

  return (
    <Page
      title="Orders"
      lead="Every purchase, whose it is and why. Each one has a receipt."
      actions={
        <ButtonLink to="/corrections" look="outline">
          Corrections
        </ButtonLink>
      }
    >
      <search aria-label="Find orders">
        <form
          key={JSON.stringify(search)}
          onSubmit={submit}
          className="mb-6 grid items-end gap-3 grid-cols-2 lg:grid-cols-[9rem_1fr_11rem_9rem_auto]"
        >
          <Field label="Order number" plain>
            {(parts) => (
              <input
                {...parts}
                name="number"
                defaultValue={search.number}
                maxLength={40}
                autoComplete="off"
                spellCheck={false}
                className="field-box"
                placeholder="#1042"
              />
            )}
          </Field>
          <Field label="The checkout's own id" plain className="order-first col-span-2 lg:order-none lg:col-span-1">
            {(parts) => (
              <input
                {...parts}
                name="externalId"
                defaultValue={search.externalId}
                maxLength={255}
                autoComplete="off"
                spellCheck={false}
                className="field-box font-mono"
                placeholder="cs_…, pi_…, ch_…"
              />
            )}
          </Field>
          <Field label="Promo code" plain>
            {(parts) => (
              <input
                {...parts}
                name="code"
                defaultValue={search.code}
                maxLength={20}
                autoComplete="off"
                spellCheck={false}
                className="field-box font-mono uppercase placeholder:normal-case"
                placeholder="Any"
              />
            )}
          </Field>
          <Field label="Customers" plain>
            {(parts) => (
              <select {...parts} name="customer" defaultValue={customer ?? ""} className="field-box">
                <option value="">All</option>
                <option value="new">New</option>
                <option value="returning">Returning</option>
              </select>
            )}
          </Field>
          <div className="flex gap-2">
            <Button type="submit" look="outline">
              Find
            </Button>
            {narrowed && (
              <Button
                look="quiet"
                className="px-3"
                aria-label="Clear filters"
                onClick={() => navigate({ to: "/orders", search: {}, resetScroll: false })}
              >
                <X aria-hidden className="size-4" />
                Clear
              </Button>
            )}
          </div>
        </form>
      </search>
      <Pages
        listing={listing}
        empty={
          <Empty
            title={narrowed ? "No such order" : "No orders yet"}
            icon={<ReceiptText aria-hidden className="size-6" />}
          >
            {narrowed
              ? "Nothing matches. Check the spelling, or clear the filters."
              : "The first one appears as soon as the shop's checkout tells of it."}
          </Empty>
        }
      >
        {(rows) => <Table caption="Orders" columns={columns} rows={rows} keyOf={(row) => row.id} />}
      </Pages>
    </Page>
  );
}
