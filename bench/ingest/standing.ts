/** What stands in the table already, for the stub of bench/ingest: the items that take the most memory to be read. */

export interface Standing {
  /** The item's one attribute beside its key and its version, as DynamoDB writes it. */
  readonly value: Buffer;
  /** What `_version` is: lower or higher than all that comes, or the same. */
  readonly version: string;
}

const list = (element: string, count: number) => `{"L":[${Array(count).fill(element).join(",")}]}`;

/** Each is about as large as DynamoDB lets an item be, 400 KB, of the smallest values. */
const VALUES: Readonly<Record<string, () => string>> = {
  booleans: () => list('{"BOOL":false}', 200_000),
  maps: () => list('{"M":{}}', 100_000),
  "empty texts": () => list('{"S":""}', 400_000),
  text: () => `{"S":"${"x".repeat(400_000)}"}`,
};

/** Of `$arrivedAt` of the records (records.ts), in milliseconds. */
const ARRIVED = "1795262400500";
const VERSIONS: Readonly<Record<string, string>> = { older: "0", same: ARRIVED, newer: "99999999999999" };

/** `booleans, newer`: what of, and how its version is to that of what comes. */
export function standingOf(text: string): Standing {
  const [of = "", version = ""] = text.split(", ");
  const value = VALUES[of];
  const number = VERSIONS[version];
  if (value === undefined || number === undefined)
    throw new Error(`nothing is known to stand there as ${text}`);
  return { value: Buffer.from(value()), version: number };
}
