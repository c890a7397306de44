import type { StreamPolicy } from "../../config/policy.ts";
import type { Write } from "../../plan/item.ts";
import { jsonOf } from "../../plan/json-bytes.ts";
import type { StoredItem } from "../../plan/stored-item.ts";

/** One PartiQL statement as JSON. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementRequest.html */
export type StatementJson = Buffer;

/** "Length Constraints: … Maximum length of 8192" */
const MAX_STATEMENT_CHARACTERS = 8_192;
/** More have no room in it, with the shortest of names; an item may have 100,000. */
const MAX_NAMES = MAX_STATEMENT_CHARACTERS / 5;
/** Other names would have to be escaped, which PartiQL's documentation does not describe. */
const PLAIN_NAME = /^[A-Za-z0-9_-]+$/;
const COMMA = Buffer.from(",");

/**
 * Adds an item unless one of its key is there.
 * @returns `undefined` where the item cannot be said in a statement: it has too many names, or unusual ones.
 */
export function insertStatement({ item }: Write, table: string): StatementJson | undefined {
  if (item.names.length > MAX_NAMES) return undefined;
  const members = item.names.map((name) => `'${name}':?`).join(",");
  return statement(`INSERT INTO "${table}" VALUE {${members}}`, item.names, item.values);
}

/**
 * Puts an item in the place of the one that was read, if that is still there: its version says so. What only the old one
 * has is removed.
 */
export function replaceStatement(
  { item }: Write,
  { table, key, version }: Pick<StreamPolicy, "table" | "key" | "version">,
  read: StoredItem,
): StatementJson | undefined {
  const readNames = read.names;
  if (version === undefined || item.names.length + readNames.length > MAX_NAMES) return undefined;
  const keyNames = key.map(({ attribute }) => attribute);
  const set = item.names.filter((name) => !keyNames.includes(name));
  const removed = readNames.filter((name) => !item.names.includes(name));
  const conditions = [...keyNames, version.attribute];
  const text = [
    `UPDATE "${table}"`,
    ...set.map((name) => `SET "${name}"=?`),
    ...removed.map((name) => `REMOVE "${name}"`),
    `WHERE ${conditions.map((name) => `"${name}"=?`).join(" AND ")}`,
  ].join(" ");
  const values = [
    ...[...set, ...keyNames].flatMap((name) => item.value(name) ?? []),
    Buffer.from(JSON.stringify(read.pick([version.attribute])[version.attribute])),
  ];
  return statement(text, [...item.names, ...removed], values);
}

function statement(
  text: string,
  names: readonly string[],
  values: readonly Buffer[],
): StatementJson | undefined {
  if (text.length > MAX_STATEMENT_CHARACTERS || !names.every((name) => PLAIN_NAME.test(name))) {
    return undefined;
  }
  const parameters = values.flatMap((value, index) => (index === 0 ? [value] : [COMMA, value]));
  return jsonOf(`{"Statement":${JSON.stringify(text)},"Parameters":[`, ...parameters, "]}");
}
