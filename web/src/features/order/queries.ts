import type { Order } from "@laurel/contract";
import { pages } from "../../api/pages.ts";

export interface OrderFilters {
  number?: string | undefined;
  externalId?: string | undefined;
  code?: string | undefined;
  ambassadorId?: string | undefined;
  customer?: string | undefined;
}

export const ordersQuery = (filters: OrderFilters) => pages<Order>(["orders"], "/api/orders", { ...filters });
export const ownOrdersQuery = () => pages<Order>(["me", "orders"], "/api/me/orders");
