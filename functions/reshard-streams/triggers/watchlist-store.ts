import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
} from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { asFailure } from "../../../shared/aws/failure.ts";
import { readBody } from "../../../shared/ledger/kept-value.ts";

const stored = z.object({
  /** When it was observed, ms since the epoch. */
  at: z.number(),
  openShards: z.optional(z.number()),
  /** To be observed again at the next minute. */
  requeue: z.boolean(),
  /** To be observed by then: a rise is predicted, ms since the epoch. */
  observeAt: z.optional(z.number()),
  /** No attempt to observe it has succeeded since, ms since the epoch. */
  failingSince: z.optional(z.number()),
});

/** What every process has to know of a stream, whichever observed it. */
export type StoredStream = Readonly<z.output<typeof stored>>;

/** Keeps it in the ledger's table, one item a stream. */
export interface WatchlistStore {
  read(signal: AbortSignal): Promise<ReadonlyMap<string, StoredStream>>;
  /** A newer observation by another process stands. */
  write(stream: string, state: StoredStream, signal: AbortSignal): Promise<void>;
}

const PARTITION = "watchlist/reshard-streams";

/** What cannot be read any more (another version wrote it) is forgotten, and found out at the next observation. */
export function createWatchlistStore(
  client: DynamoDBClient,
  { table, keepMs }: { readonly table: string; readonly keepMs: number },
): WatchlistStore {
  return {
    async read(abortSignal) {
      const query = {
        TableName: table,
        KeyConditionExpression: "pk = :pk",
        ExpressionAttributeValues: { ":pk": { S: PARTITION } },
      };
      const streams = new Map<string, StoredStream>();
      try {
        for await (const { Items = [] } of paginateQuery({ client }, query, { abortSignal })) {
          for (const { sk, body } of Items) {
            const parsed = readBody(stored, body?.S);
            if (sk?.S !== undefined && parsed) streams.set(sk.S, parsed);
          }
        }
      } catch (error) {
        throw asFailure(error, "dynamodb:Query", PARTITION);
      }
      return streams;
    },
    async write(stream, state, abortSignal) {
      const put = new PutItemCommand({
        TableName: table,
        Item: {
          pk: { S: PARTITION },
          sk: { S: stream },
          body: { S: JSON.stringify(state) },
          observedAt: { N: String(state.at) },
          expiresAt: { N: String(Math.ceil((state.at + keepMs) / 1000)) },
        },
        ConditionExpression: "attribute_not_exists(observedAt) OR observedAt <= :at",
        ExpressionAttributeValues: { ":at": { N: String(state.at) } },
      });
      try {
        await client.send(put, { abortSignal });
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return;
        throw asFailure(error, "dynamodb:PutItem", PARTITION);
      }
    },
  };
}
