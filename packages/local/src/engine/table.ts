import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException,
  ResourceNotFoundException,
} from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { createTableInput, keys, schemaVersion, type Table } from "@laurel/core/table";
import { StartProblem } from "../problem.ts";
import { checkSchema } from "./schema.ts";

/**
 * Makes the table where there is none, from the schema that the deployed stack uses, and makes sure that it is of this
 * version's schema.
 * @returns the ARN of its stream
 * @throws StartProblem when it was written by a newer version, or the engine does not answer
 */
export async function ensureTable(table: Table): Promise<string> {
  const streamArn = (await find(table)) ?? (await create(table));
  const Key = keys.schema();
  const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key, ConsistentRead: true }));
  if (!Item) await table.client.send(new PutCommand({ TableName: table.name, Item: { ...Key, schemaVersion } }));
  else checkSchema(Item.schemaVersion);
  return streamArn;
}

async function find(table: Table): Promise<string | undefined> {
  try {
    const { Table: found } = await table.client.send(new DescribeTableCommand({ TableName: table.name }));
    if (found?.TableStatus !== "ACTIVE") {
      await sleep(200);
      return find(table);
    }
    if (!found.LatestStreamArn)
      throw new StartProblem(`The table ${table.name} has no stream. Give it one with new images.`);
    return found.LatestStreamArn;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    if (error instanceof StartProblem) throw error;
    throw new StartProblem(
      `The DynamoDB engine does not answer (${(error as Error).message || (error as Error).name}).`,
      error,
    );
  }
}

async function create(table: Table): Promise<string> {
  try {
    await table.client.send(new CreateTableCommand(createTableInput(table.name)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  const streamArn = await find(table);
  if (!streamArn) throw new StartProblem(`The table ${table.name} could not be made.`);
  return streamArn;
}
