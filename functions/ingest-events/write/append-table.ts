import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { StreamPolicy } from "../config/policy.ts";
import type { Write } from "../plan/item.ts";
import { elements, jsonOf, member } from "../plan/json-bytes.ts";
import { StoredItem } from "../plan/stored-item.ts";
import { type Answers, answerTo, type Table } from "./answer.ts";
import { callWithJson } from "./json-call.ts";
import { keyNames, keyOfAttributes, keyOfItem } from "./key-text.ts";

/** Writes without a condition, 25 items a call: `BatchWriteItem`. */
export class AppendTable implements Table {
  readonly maxWrites = 25;
  readonly callsInFlight = 8;
  readonly #client: DynamoDBClient;
  readonly #policy: Pick<StreamPolicy, "table" | "key">;

  constructor(client: DynamoDBClient, policy: Pick<StreamPolicy, "table" | "key">) {
    this.#client = client;
    this.#policy = policy;
  }

  async write(writes: readonly Write[], abortSignal: AbortSignal): Promise<Answers> {
    const { table } = this.#policy;
    const puts = writes.flatMap(({ item }, index) => [index === 0 ? FIRST_PUT : NEXT_PUT, item.json]);
    const command = new BatchWriteItemCommand({ RequestItems: { [table]: [] } });
    const body = jsonOf(`{"RequestItems":{${JSON.stringify(table)}:[`, ...puts, "}}]}}");
    try {
      const answer = await callWithJson(this.#client, { command, body }, abortSignal);
      const unprocessed = this.#unprocessedKeys(answer);
      return unprocessed.length === 0
        ? writes.map(() => ({ kind: "done" }))
        : this.#answers(writes, unprocessed);
    } catch (error) {
      const answer = answerTo(error, "BatchWriteItem", table);
      return answer.kind === "refused" ? { refusedTogether: answer.message } : writes.map(() => answer);
    }
  }

  #unprocessedKeys(answer: Buffer): readonly string[] {
    const { table, key } = this.#policy;
    const requests = member(member(answer, "UnprocessedItems"), table);
    const items = [...elements(requests ?? NONE)].map((request) =>
      member(member(request, "PutRequest"), "Item"),
    );
    return items.map((item) => keyOfAttributes(new StoredItem(item ?? NONE).pick(keyNames(key)), key));
  }

  #answers(writes: readonly Write[], unprocessed: readonly string[]): Answers {
    const { key } = this.#policy;
    const missing = new Set(unprocessed);
    const isMissing = writes.map(({ item }) => missing.has(keyOfItem(item, key)));
    if (isMissing.filter(Boolean).length !== missing.size) {
      // One of them is none of ours, so nothing is known: all of it again.
      return writes.map(() => ({ kind: "again", mayBeApplied: true }));
    }
    return isMissing.map((again) => (again ? { kind: "again", mayBeApplied: false } : { kind: "done" }));
  }
}

const NONE = Buffer.alloc(0);
const FIRST_PUT = Buffer.from('{"PutRequest":{"Item":');
const NEXT_PUT = Buffer.from('}},{"PutRequest":{"Item":');
