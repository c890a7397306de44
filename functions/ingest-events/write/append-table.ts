import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { StreamPolicy } from "../config/policy.ts";
import { type Item, itemText } from "../plan/encoded-item.ts";
import type { Write } from "../plan/item.ts";
import { type Answers, answerTo, type Table } from "./answer.ts";
import { keyOfAttributes, keyOfItem } from "./key-text.ts";
import { withRawBody } from "./raw-body.ts";

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
    const puts = writes.map(({ item }) => `{"PutRequest":{"Item":${itemText(item)}}}`);
    const command = withRawBody(
      new BatchWriteItemCommand({ RequestItems: { [table]: [] } }),
      `{"RequestItems":{${JSON.stringify(table)}:[${puts.join(",")}]}}`,
    );
    try {
      const { UnprocessedItems } = await this.#client.send(command, { abortSignal });
      const unprocessed = UnprocessedItems?.[table] ?? [];
      if (unprocessed.length === 0) return writes.map(() => ({ kind: "done" }));
      return this.#answers(
        writes,
        unprocessed.map(({ PutRequest }) => PutRequest?.Item ?? {}),
      );
    } catch (error) {
      const answer = answerTo(error, "BatchWriteItem", table);
      return answer.kind === "refused" ? { refusedTogether: answer.message } : writes.map(() => answer);
    }
  }

  #answers(writes: readonly Write[], unprocessed: readonly Item[]): Answers {
    const { key } = this.#policy;
    const missing = new Set(unprocessed.map((item) => keyOfAttributes(item, key)));
    const isMissing = writes.map(({ item }) => missing.has(keyOfItem(item, key)));
    if (isMissing.filter(Boolean).length !== missing.size) {
      // One of them is none of ours, so nothing is known: all of it again.
      return writes.map(() => ({ kind: "again", mayBeApplied: true }));
    }
    return isMissing.map((again) => (again ? { kind: "again", mayBeApplied: false } : { kind: "done" }));
  }
}
