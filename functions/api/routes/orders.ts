import { Balances, CommissionPage, cursor, idSchema, ListOrders, OrderPage, Receipt } from "@laurel/contract";
import * as Ledger from "@laurel/core/ledger";
import * as Orders from "@laurel/core/order";
import * as z from "zod";
import { route } from "../route.ts";

const tag = "Orders";
const paged = z.strictObject({ cursor: cursor.optional() });

const list = route({
  method: "get",
  path: "/api/orders",
  summary: "Orders, newest first",
  description:
    "Filtered by the checkout's own id, a code or an ambassador. A page may be short and still have a cursor.",
  tag,
  permission: "order.read",
  query: ListOrders,
  answer: OrderPage,
  handle: ({ ctx, query }) => Orders.list(ctx, query),
});

const receipt = route({
  method: "get",
  path: "/api/orders/{id}/receipt",
  summary: "How an order was attributed, and why",
  description:
    "Staff see every candidate. An ambassador may open the receipts of their own orders and sees their own signals.",
  tag,
  permission: "receipt.read",
  params: z.strictObject({ id: idSchema("order") }),
  answer: Receipt,
  handle: ({ ctx, params }) => Orders.receipt(ctx, params.id),
});

const balances = route({
  method: "get",
  path: "/api/ambassadors/{id}/balances",
  summary: "An ambassador's balances, one for each currency",
  tag: "Ambassadors",
  permission: "ambassador.read",
  params: z.strictObject({ id: idSchema("ambassador") }),
  answer: Balances,
  handle: ({ ctx, params }) => Ledger.balancesFor(ctx, params.id),
});

const myOrders = route({
  method: "get",
  path: "/api/me/orders",
  summary: "One's own orders, newest first",
  tag: "Me",
  permission: "me.earnings",
  query: paged,
  answer: OrderPage,
  handle: ({ ctx, query }) => Orders.mine(ctx, query),
});

const myCommissions = route({
  method: "get",
  path: "/api/me/commissions",
  summary: "One's own commissions, newest purchase first",
  tag: "Me",
  permission: "me.earnings",
  query: paged,
  answer: CommissionPage,
  handle: ({ ctx, query }) => Orders.myCommissions(ctx, query),
});

const myBalances = route({
  method: "get",
  path: "/api/me/balances",
  summary: "One's own balances, one for each currency",
  tag: "Me",
  permission: "me.earnings",
  answer: Balances,
  handle: ({ ctx }) => Ledger.myBalances(ctx),
});

export const orderRoutes = [list, receipt, balances, myOrders, myCommissions, myBalances] as const;
