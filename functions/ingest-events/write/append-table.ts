import { BatchWriteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { StreamPolicy } from "../config/policy.ts";
import { canonicalNumber } from "../decode/decimal.ts";
import type { Item } from "../plan/attributes.ts";
import type { Write } from "../plan/item.ts";
import { type Answers, answerTo, type Table } from "./answer.ts";
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
    const command = withRawBody(new BatchWriteItemCommand({ RequestItems: { [table]: [] } }), {
      RequestItems: { [table]: writes.map(({ item }) => ({ PutRequest: { Item: item } })) },
    });
    try {
      const { UnprocessedItems } = await this.#client.send(command, { abortSignal });
      const unprocessed = UnprocessedItems?.[table] ?? [];
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
    const missing = new Set(unprocessed.map((item) => this.#keyText(item)));
    const isMissing = writes.map(({ item }) => missing.has(this.#keyText(item)));
    if (isMissing.filter(Boolean).length !== missing.size) {
      // One of them is none of ours, so nothing is known: all of it again.
      return writes.map(() => ({ kind: "again", mayBeApplied: true }));
    }
    return isMissing.map((again) => (again ? { kind: "again", mayBeApplied: false } : { kind: "done" }));
  }

  /** One text for one key, whichever way its numbers are written. */
  #keyText(item: Item): string {
    return JSON.stringify(
      this.#policy.key.map(({ attribute, type }) => {
        const value = item[attribute];
        return type === "N" ? canonicalNumber(value?.N ?? "") : value?.S;
      }),
    );
  }
}
