import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import type * as z from "zod/mini";
import { asFailure } from "../../../shared/aws/failure.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";

/**
 * What this automation remembers, one item each in the ledger's table: what was delivered is not delivered again. The ledger
 * writes by version too, but for the opposite end: there a newer version means that the run must not act, here that it reads
 * again and goes on.
 */
export interface StateStore<State> {
  /**
   * Changes what is kept under a name, by what stands there at that moment.
   *
   * @throws {RetryLater} when other runs keep changing it
   */
  update<R>(
    name: string,
    change: (before: State) => { readonly after: State; readonly result: R },
    now: number,
    signal: AbortSignal,
  ): Promise<R>;
}

export interface StateKind<State> {
  /** What the keys begin with. */
  readonly prefix: "delivery" | "alarm";
  readonly shape: z.ZodMiniType<State>;
  /** What stands under a name nobody has written. */
  readonly initial: State;
  /** How long it is kept after the last change, ms; for good when absent. */
  readonly keepMs?: number;
}

/** Another run may write the same item at the same moment. */
const TRIES = 5;
const SORT_KEY = "delivery";

export function createStateStore<State extends object>(
  client: DynamoDBClient,
  table: string,
  { prefix, shape, initial, keepMs }: StateKind<State>,
): StateStore<State> {
  const keyOf = (name: string) => ({ pk: { S: `${prefix}/${name}` }, sk: { S: SORT_KEY } });

  async function read(name: string, abortSignal: AbortSignal) {
    const get = new GetItemCommand({ TableName: table, Key: keyOf(name), ConsistentRead: true });
    const { Item } = await client.send(get, { abortSignal });
    const parsed = shape.safeParse(JSON.parse(Item?.body?.S ?? "null"));
    return { version: Number(Item?.version?.N ?? "0"), state: parsed.success ? parsed.data : initial };
  }

  async function write(name: string, version: number, state: State, now: number, abortSignal: AbortSignal) {
    const put = new PutItemCommand({
      TableName: table,
      Item: {
        ...keyOf(name),
        version: { N: String(version + 1) },
        body: { S: JSON.stringify(state) },
        ...(keepMs !== undefined && { expiresAt: { N: String(Math.ceil((now + keepMs) / 1000)) } }),
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
    async update(name, change, now, signal) {
      try {
        for (let tries = 0; tries < TRIES; tries += 1) {
          const { version, state } = await read(name, signal);
          const { after, result } = change(state);
          if (isSame(state, after) || (await write(name, version, after, now, signal))) return result;
        }
      } catch (error) {
        throw asFailure(error, "dynamodb:PutItem", name);
      }
      throw new RetryLater(`other runs keep changing what is kept of ${name}: the next one tries again`, {
        resource: name,
      });
    },
  };
}

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);
