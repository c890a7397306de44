import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { StreamPolicy } from "../config/policy.ts";
import type { Item } from "../plan/attributes.ts";
import type { Write } from "../plan/item.ts";
import { type Answer, type Answers, answerTo, type Table } from "./answer.ts";
import { withRawBody } from "./raw-body.ts";

/**
 * Writes on condition that nothing stands there (`append-once`), or nothing as late (`latest`): one `PutItem` a
 * call.
 */
export class ConditionalTable implements Table {
  readonly maxWrites = 1;
  readonly callsInFlight = 32;
  readonly #client: DynamoDBClient;
  readonly #policy: Pick<StreamPolicy, "table" | "key" | "version">;

  constructor(client: DynamoDBClient, policy: Pick<StreamPolicy, "table" | "key" | "version">) {
    this.#client = client;
    this.#policy = policy;
  }

  write(writes: readonly Write[], signal: AbortSignal): Promise<Answers> {
    return Promise.all(writes.map((write) => this.#put(write, signal)));
  }

  async #put(write: Write, abortSignal: AbortSignal): Promise<Answer> {
    const { table } = this.#policy;
    const command = withRawBody(new PutItemCommand({ TableName: table, Item: {} }), {
      TableName: table,
      Item: write.item,
      ...this.#condition(write),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    });
    try {
      await this.#client.send(command, { abortSignal });
      return { kind: "done" };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) return answerTo(error, "PutItem", table);
      return error.Item ? { kind: "exists", stored: error.Item } : this.#readStored(write, abortSignal);
    }
  }

  #condition({ version }: Write): Partial<PutItemCommandInput> {
    const [partition] = this.#policy.key;
    const names = { "#k": partition.attribute };
    if (version === undefined) {
      return { ConditionExpression: "attribute_not_exists(#k)", ExpressionAttributeNames: names };
    }
    return {
      ConditionExpression: "attribute_not_exists(#k) OR #v < :v",
      ExpressionAttributeNames: { ...names, "#v": this.#policy.version?.attribute ?? "" },
      ExpressionAttributeValues: { ":v": version },
    };
  }

  /** AWS sends the item along with the failed condition; not everything that speaks its protocol does. */
  async #readStored({ item }: Write, abortSignal: AbortSignal): Promise<Answer> {
    const { table, key } = this.#policy;
    const Key: Item = {};
    for (const { attribute } of key) {
      const value = item[attribute];
      if (value !== undefined) Key[attribute] = value;
    }
    try {
      const command = new GetItemCommand({ TableName: table, Key, ConsistentRead: true });
      const { Item: stored } = await this.#client.send(command, { abortSignal });
      // Gone since: DynamoDB deleted it after its time, or somebody did. Try the write again.
      return stored ? { kind: "exists", stored } : { kind: "again", mayBeApplied: false };
    } catch (error) {
      return answerTo(error, "GetItem", table);
    }
  }
}
