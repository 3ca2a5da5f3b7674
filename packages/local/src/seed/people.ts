import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { Id, Role } from "@laurel/contract";
import type { Key, Table } from "@laurel/core/table";

/** Somebody whom this machine can sign in without a mail. */
export interface KnownPerson {
  role: Role;
  personId: Id<"person">;
  email: string;
}

/** Beside the data and not in a file, so that it goes wherever the data goes. */
const key: Key = { pk: "META#local", sk: "META" };

export async function rememberPeople(table: Table, people: readonly KnownPerson[]): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: { ...key, people } }));
}

export async function knownPeople(table: Table): Promise<KnownPerson[]> {
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key: key, ConsistentRead: true }));
  return (Item?.people as KnownPerson[] | undefined) ?? [];
}
