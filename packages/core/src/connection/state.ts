import { AppError } from "../kernel/errors.ts";
import { type Connection, isActive } from "./connection.entity.ts";

/** @throws AppError conflict */
export function mustBeActive(connection: Connection): void {
  if (isActive(connection)) return;
  throw new AppError(
    "conflict",
    "connection.not_active",
    connection.disconnectedAt
      ? "This connection has ended. Connect the checkout again to go on with it."
      : "This connection is not finished yet. Enter the key again, or wait until it is.",
  );
}
