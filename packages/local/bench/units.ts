import { tableSchema } from "@laurel/core/table";

/** A value and an item as they travel: `{"S": "text"}`; bytes in base 64 on their way out, and as they are on their way in. */
// biome-ignore lint/suspicious/noExplicitAny: what the wire carries
export type Wire = Record<string, any>;

const bytesOf = (text: string): number => Buffer.byteLength(text);

/** 1 byte for two significant digits, and 1: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
function sizeOfNumber(text: string): number {
  const digits = text
    .replace(/^-/, "")
    .replace(".", "")
    .replace(/^0+|0+$/g, "");
  return Math.ceil(digits.length / 2) + 1 + (text.startsWith("-") ? 1 : 0);
}

function sizeOfValue(value: Wire): number {
  const [type, inner] = Object.entries(value)[0] as [string, never];
  switch (type) {
    case "S":
      return bytesOf(inner);
    case "N":
      return sizeOfNumber(inner);
    case "B":
      return typeof inner === "string" ? Buffer.from(inner, "base64").length : (inner as Uint8Array).length;
    case "L":
      return (inner as Wire[]).reduce((sum, each) => sum + 1 + sizeOfValue(each), 3);
    case "M":
      return Object.entries(inner as Wire).reduce(
        (sum, [name, each]) => sum + 1 + bytesOf(name) + sizeOfValue(each),
        3,
      );
    case "SS":
    case "NS":
    case "BS":
      return (inner as string[]).reduce((sum, each) => sum + bytesOf(each), 3);
    default:
      return 1;
  }
}

/** How many bytes DynamoDB counts for an item: names and values. */
export const sizeOf = (item: Wire): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + bytesOf(name) + sizeOfValue(value), 0);

/** What a consistent read of an item takes; of one that is not there, too. */
export const readUnits = (item: Wire | undefined): number => Math.max(1, Math.ceil((item ? sizeOf(item) : 0) / 4096));

/** What writing an item takes: each begun KB, twice in a transaction. */
export const writeUnits = (item: Wire, inTransaction: boolean): number =>
  Math.ceil(sizeOf(item) / 1024) * (inTransaction ? 2 : 1);

/** The indexes in which an item stands, and what its new entry there takes: keys only, each begun KB. */
export function indexEntries(item: Wire): { index: string; bytes: number; units: number }[] {
  const { partitionKey, sortKey, indexes } = tableSchema;
  return indexes.flatMap((index) => {
    if (!item[index.partitionKey] || !item[index.sortKey]) return [];
    const names = [partitionKey, sortKey, index.partitionKey, index.sortKey];
    const bytes = sizeOf(Object.fromEntries(names.map((name) => [name, item[name]])));
    return [{ index: index.name, bytes, units: Math.ceil(bytes / 1024) }];
  });
}
