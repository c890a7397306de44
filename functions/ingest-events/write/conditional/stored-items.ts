import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { StreamPolicy } from "../../config/policy.ts";
import type { Write } from "../../plan/item.ts";
import { elements, member } from "../../plan/json-bytes.ts";
import { StoredItem } from "../../plan/stored-item.ts";
import { type Answer, answerTo } from "../answer.ts";
import { AnswerTooLarge, callWithJson } from "../json-call.ts";
import { keyNames, keyOfAttributes, keyOfItem } from "../key-text.ts";

type Policy = Pick<StreamPolicy, "table" | "key">;
type Consistency = "eventual" | "consistent";
/** By the writes' keys. */
export type Found = Map<string, Answer>;
/** The write is tried again, and it is read again then. */
export const NOT_READ: Answer = { kind: "again", mayBeApplied: false };

const MAX_KEYS_A_READ = 25;
/**
 * What one read of several items may bring: those of the batch before, which it may all be compared with, have 2 MiB together
 * (batches.ts). Others may have 4 MB each, as JSON.
 */
export const MAX_READ_BYTES = 4 * 1024 * 1024;
const NONE = Buffer.alloc(0);

/** Reads what stands in a table at the keys of writes, many keys a call. */
export class StoredItems {
  readonly #client: DynamoDBClient;
  readonly #policy: Policy;
  /** Keys that one read asks for: fewer while what stands there is large. */
  #keysARead = MAX_KEYS_A_READ;

  constructor(client: DynamoDBClient, policy: Policy) {
    this.#client = client;
    this.#policy = policy;
  }

  /**
   * What stands there now, by the writes' keys; nothing for a key that has no item, and `again` for one that was not read.
   * @param consistency `eventual` costs half. Versions only grow, so what it finds later than a write is later; and where
   * it finds too little, the statement's own condition fails.
   */
  async read(writes: readonly Write[], consistency: Consistency, signal: AbortSignal): Promise<Found> {
    const some = writes.slice(0, this.#keysARead);
    const found: Found = new Map(writes.slice(some.length).map(({ key }) => [key, NOT_READ]));
    try {
      for (const [key, answer] of await this.#readAtOnce(some, consistency, signal)) found.set(key, answer);
      this.#keysARead = Math.min(2 * this.#keysARead, MAX_KEYS_A_READ);
    } catch (error) {
      if (error instanceof AnswerTooLarge) {
        this.#keysARead = Math.ceil(some.length / 2);
        return this.read(writes, consistency, signal);
      }
      const answer = answerTo(error, "BatchGetItem", this.#policy.table);
      // Nothing was written; a key that DynamoDB does not take is found by the write itself.
      if (answer.kind === "again") for (const { key } of some) found.set(key, NOT_READ);
    }
    return found;
  }

  /** @throws AnswerTooLarge where several items are too large to be read together. */
  async #readAtOnce(
    writes: readonly Write[],
    consistency: Consistency,
    abortSignal: AbortSignal,
  ): Promise<Found> {
    const { table, key } = this.#policy;
    const keys = writes.map((write) => keyJson(write, this.#policy));
    const body = Buffer.from(
      `{"RequestItems":{${JSON.stringify(table)}:{"Keys":[${keys.join(",")}],"ConsistentRead":${consistency === "consistent"}}}}`,
    );
    const command = new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [] } } });
    // One item is never too large.
    const limit = writes.length > 1 ? { maxAnswerBytes: MAX_READ_BYTES } : {};
    const answer = await callWithJson(this.#client, { command, body, ...limit }, abortSignal);
    const found: Found = new Map();
    const inTable = [...elements(member(member(answer, "Responses"), table) ?? NONE)];
    const unprocessed = member(member(answer, "UnprocessedKeys"), table);
    const left = [...elements(member(unprocessed, "Keys") ?? NONE)];
    if (inTable.length + left.length === 0) return found;
    const byKey = new Map(writes.map((write) => [keyOfItem(write.item, key), write.key]));
    const keyIn = (json: Buffer) =>
      byKey.get(keyOfAttributes(new StoredItem(json).pick(keyNames(key)), key)) ?? "";
    for (const item of inTable) found.set(keyIn(item), { kind: "exists", stored: new StoredItem(item) });
    for (const one of left) found.set(keyIn(one), NOT_READ);
    return found;
  }
}

/** The key of a write's item as JSON. */
export function keyJson({ item }: Write, { key }: Policy): string {
  const members = key.map(({ attribute }) => `${JSON.stringify(attribute)}:${item.value(attribute)}`);
  return `{${members.join(",")}}`;
}
