/**
 * The one table, as the local engine and the deployed stack both create it.
 * Every index is KEYS_ONLY and generic: an index finds, the base table's item tells (and its conditions decide).
 * Three indexes from the first deploy, because CloudFormation changes one index an update.
 */
export const schemaVersion = 1;

export const indexNames = ["gsi1", "gsi2", "gsi3"] as const;
export type IndexName = (typeof indexNames)[number];

export const tableSchema = {
  partitionKey: "pk",
  sortKey: "sk",
  timeToLiveAttribute: "expiresAtEpochS",
  streamViewType: "NEW_IMAGE",
  indexes: indexNames.map((name) => ({
    name,
    partitionKey: `${name}pk`,
    sortKey: `${name}sk`,
    projection: "KEYS_ONLY" as const,
  })),
} as const;

/** The schema in the words of DynamoDB's CreateTable. */
export function createTableInput(tableName: string) {
  const { partitionKey, sortKey, indexes, streamViewType } = tableSchema;
  const keys = [partitionKey, sortKey, ...indexes.flatMap((index) => [index.partitionKey, index.sortKey])];
  return {
    TableName: tableName,
    BillingMode: "PAY_PER_REQUEST" as const,
    AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: "S" as const })),
    KeySchema: [
      { AttributeName: partitionKey, KeyType: "HASH" as const },
      { AttributeName: sortKey, KeyType: "RANGE" as const },
    ],
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: index.name,
      KeySchema: [
        { AttributeName: index.partitionKey, KeyType: "HASH" as const },
        { AttributeName: index.sortKey, KeyType: "RANGE" as const },
      ],
      Projection: { ProjectionType: index.projection },
    })),
    StreamSpecification: { StreamEnabled: true, StreamViewType: streamViewType },
  };
}
