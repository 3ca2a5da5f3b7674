import type { Table } from "@laurel/core/table";
import type { Runtime } from "../../../functions/runtime.ts";

/** A call to the engine as it is made: which command, and with what. */
export interface Call {
  /** `TransactWrite`, `Put`, `BatchGet`, … */
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the input of any command
  input: any;
}

/**
 * The same table with something around each of its calls: to count them, to let them fail, to lose their answers.
 * @param around makes the call by `send`, or does not
 */
export function wrapped(table: Table, around: (call: Call, send: () => Promise<unknown>) => Promise<unknown>): Table {
  const { client } = table;
  const send = (command: { constructor: { name: string }; input: unknown }) =>
    around({ name: command.constructor.name.replace(/Command$/, ""), input: command.input }, () =>
      client.send(command as never),
    );
  return { ...table, client: Object.create(client, { send: { value: send } }) };
}

/** The same runtime over another view of its table. */
export const runtimeOn = (runtime: Runtime, table: Table): Runtime => ({
  ...runtime,
  table,
  context: (actor, more) => ({ ...runtime.context(actor, more), table }),
});

/** What the engine's client throws when nobody listens there. */
export const refused = (): Error =>
  Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:1"), { code: "ECONNREFUSED" });
