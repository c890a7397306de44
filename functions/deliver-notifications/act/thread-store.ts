import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { asFailure } from "../../../shared/aws/failure.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import { NEW_THREAD, type ThreadState, threadState } from "../model.ts";

/** Threads are kept in the ledger's table, one item each: what was delivered is not delivered again. */
export interface ThreadStore {
  /**
   * Changes what is kept of a thread, by what stands there at that moment.
   *
   * @throws {RetryLater} when other runs keep changing it
   */
  update<R>(
    thread: string,
    change: (before: ThreadState) => { readonly after: ThreadState; readonly result: R },
    now: number,
    signal: AbortSignal,
  ): Promise<R>;
}

/** Another run may write the same thread at the same moment. */
const TRIES = 5;
/** Longer than a message of the dead-letter queue is kept, so that one that is redriven is known. */
const KEEP_MS = 30 * 24 * 3_600_000;
const SORT_KEY = "delivery";

export function createThreadStore(client: DynamoDBClient, table: string): ThreadStore {
  const keyOf = (thread: string) => ({ pk: { S: `delivery/${thread}` }, sk: { S: SORT_KEY } });

  async function read(thread: string, abortSignal: AbortSignal) {
    const get = new GetItemCommand({ TableName: table, Key: keyOf(thread), ConsistentRead: true });
    const { Item } = await client.send(get, { abortSignal });
    const parsed = threadState.safeParse(JSON.parse(Item?.thread?.S ?? "null"));
    return { version: Number(Item?.version?.N ?? "0"), state: parsed.success ? parsed.data : NEW_THREAD };
  }

  async function write(
    thread: string,
    version: number,
    state: ThreadState,
    now: number,
    abortSignal: AbortSignal,
  ) {
    const put = new PutItemCommand({
      TableName: table,
      Item: {
        ...keyOf(thread),
        version: { N: String(version + 1) },
        thread: { S: JSON.stringify(state) },
        expiresAt: { N: String(Math.ceil((now + KEEP_MS) / 1000)) },
      },
      ConditionExpression: version === 0 ? "attribute_not_exists(pk)" : "version = :version",
      ...(version > 0 && { ExpressionAttributeValues: { ":version": { N: String(version) } } }),
    });
    try {
      await client.send(put, { abortSignal });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    async update(thread, change, now, signal) {
      try {
        for (let tries = 0; tries < TRIES; tries += 1) {
          const { version, state } = await read(thread, signal);
          const { after, result } = change(state);
          if (isSame(state, after) || (await write(thread, version, after, now, signal))) return result;
        }
      } catch (error) {
        throw asFailure(error, "dynamodb:PutItem", thread);
      }
      throw new RetryLater(
        `other runs keep changing what was delivered of ${thread}: the next one tries again`,
        {
          resource: thread,
        },
      );
    },
  };
}

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);
