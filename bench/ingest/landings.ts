/** Three ways to land the same Kinesis event in DynamoDB, for bench/ingest/ingest.ts. */

import { Agent, request } from "node:http";
import { Readable } from "node:stream";
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import type { Context, KinesisStreamEvent, KinesisStreamRecord } from "aws-lambda";
import { ingestSchema } from "../../functions/ingest-events/config/policy.ts";
import { ingestEvents } from "../../functions/ingest-events/ingest-events.ts";
import { reflex } from "../../shared/lambda/stack.ts";
import { traced } from "../../shared/tracing/aws-calls.ts";
import { events, STREAM } from "./records.ts";

export const TABLE = "bench";

/** A client whose calls are answered at once, without a socket: what is left is the work of this process. */
export function instantClient(options: object = {}): DynamoDBClient {
  const headers = { "content-type": "application/x-amz-json-1.0" };
  const handle = async ({ body }: { readonly body: string | Uint8Array }) => {
    const answer = Buffer.from(answerTo(body));
    return { response: new HttpResponse({ statusCode: 200, headers, body: Readable.from([answer]) }) };
  };
  return clientWith({ ...options, requestHandler: { handle, metadata: { handlerProtocol: "http/1.1" } } });
}

/** As DynamoDB answers when all is new and all is done: an empty answer for each statement. */
export function answerTo(body: string | Uint8Array): string {
  // Not `Buffer.from(body)` alone: of the SDK's own bytes that asks for a text, which it warns of.
  const bytes =
    typeof body === "string" ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.length);
  const statements = bytes.toString("latin1").split('{"Statement":').length - 1;
  return statements === 0 ? "{}" : `{"Responses":[${Array(statements).fill("{}").join(",")}]}`;
}

export function clientOf(endpoint: string, options: object = {}): DynamoDBClient {
  const httpAgent = { keepAlive: true, maxSockets: 50 };
  const requestHandler = new NodeHttpHandler({ httpAgent, socketAcquisitionWarningTimeout: 60_000 });
  return clientWith({ ...options, endpoint, requestHandler });
}

function clientWith(options: object): DynamoDBClient {
  const credentials = { accessKeyId: "bench", secretAccessKey: "bench" };
  return traced(new DynamoDBClient({ region: "us-east-1", credentials, ...options }));
}

export interface Landing {
  readonly name: string;
  /** @returns what is to come again. */
  land(event: KinesisStreamEvent): Promise<readonly unknown[]>;
}

/** How records are read, and in `latest` compared, as in a stream's policy. */
export interface RecordOptions {
  readonly version?: object;
  readonly format?: string;
  readonly explode?: string;
}

/** ingest-events itself: its handler, with the stack all functions have; the quarantine takes everything. */
export function reflexLanding(
  dynamo: DynamoDBClient,
  mode: "append" | "append-once" | "latest" = "append",
  { version = { from: "actor.id" }, ...format }: RecordOptions = {},
): Landing {
  const policy = mode === "latest" ? { mode, key: { id: "id" }, version } : { mode, id: "id" };
  const config = ingestSchema.parse({
    tables: { [TABLE]: { partitionKey: "id" } },
    streams: { [STREAM]: { table: TABLE, ...policy, ...format } },
  });
  const quarantine = {
    send: async () => [],
    store: async (key: string) => ({ bucket: "bench", key }),
  };
  const deps = { config, dynamo, dynamoAs: () => dynamo, quarantine: () => quarantine, observeOnly: false };
  const handler = reflex("ingest-events", (event, run) => ingestEvents(event, run, deps));
  return {
    name: `ingest-events, ${mode}`,
    land: async (event) => (await handler(event, context())).batchItemFailures,
  };
}

/**
 * What the documentation of Powertools shows: its batch processor, and one PutItem a record.
 * @param condition on which the item is put; none when absent
 */
export function powertoolsLanding(
  dynamo: DynamoDBClient,
  { name, condition }: { readonly name: string; readonly condition?: string } = {
    name: "(a) Powertools batch + PutItem a record",
  },
): Landing {
  const processor = new BatchProcessor(EventType.KinesisDataStreams);
  const put = async ({ kinesis }: KinesisStreamRecord) => {
    const event = JSON.parse(Buffer.from(kinesis.data, "base64").toString());
    const Item = itemOf(event);
    const conditional = condition && {
      ConditionExpression: condition,
      ExpressionAttributeNames: { "#k": "id" },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    };
    await dynamo.send(new PutItemCommand({ TableName: TABLE, Item, ...conditional }));
  };
  return {
    name,
    land: async (event) =>
      (await processPartialResponse(event, put, processor, { context: context() })).batchItemFailures,
  };
}

/** (c) The same with a condition, as append-once and latest write. */
export const conditionalLanding = (dynamo: DynamoDBClient): Landing =>
  powertoolsLanding(dynamo, {
    name: "(c) Powertools batch + conditional PutItem a record",
    condition: "attribute_not_exists(#k)",
  });

/** (b) The floor: BatchWriteItem of chunks that were prepared before, eight calls at once, and nothing else. */
export function floorLanding(dynamo: DynamoDBClient, count: number): Landing {
  const items = events(count).map(itemOf);
  const requests = items.map((Item) => ({ PutRequest: { Item } }));
  const chunks = Array.from({ length: Math.ceil(count / 25) }, (_none, index) =>
    requests.slice(index * 25, index * 25 + 25),
  );
  return {
    name: "(b) BatchWriteItem of prepared chunks",
    land: async () => {
      const waiting = chunks.values();
      const lane = async () => {
        for (const chunk of waiting)
          await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TABLE]: chunk } }));
      };
      await Promise.all(Array.from({ length: 8 }, lane));
      return [];
    },
  };
}

/** What HTTP alone takes: the same bodies, prepared before, without SDK or signature, eight at once. */
export function rawLanding(endpoint: string, count: number): Landing {
  const requests = events(count).map((event) => ({ PutRequest: { Item: itemOf(event) } }));
  const bodies = Array.from({ length: Math.ceil(count / 25) }, (_none, index) =>
    JSON.stringify({ RequestItems: { [TABLE]: requests.slice(index * 25, index * 25 + 25) } }),
  );
  const agent = new Agent({ keepAlive: true });
  const post = (body: string) =>
    new Promise<void>((resolve, reject) => {
      const headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": "DynamoDB_20120810.BatchWriteItem",
        "content-length": Buffer.byteLength(body),
      };
      const sent = request(endpoint, { agent, method: "POST", headers }, (response) => {
        response.resume();
        response.on("end", resolve);
      });
      sent.on("error", reject);
      sent.end(body);
    });
  return {
    name: "(d) HTTP alone, the same bodies",
    land: async () => {
      const waiting = bodies.values();
      const lane = async () => {
        for (const body of waiting) await post(body);
      };
      await Promise.all(Array.from({ length: 8 }, lane));
      return [];
    },
  };
}

function itemOf(event: Record<string, unknown>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(event).map(([name, value]) => [name, attributeOf(value)]));
}

function attributeOf(value: unknown): AttributeValue {
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: String(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  if (typeof value !== "object" || value === null) return { NULL: true };
  return { M: itemOf({ ...value }) };
}

function context(): Context {
  const until = performance.now() + 60_000;
  return {
    awsRequestId: "bench",
    callbackWaitsForEmptyEventLoop: false,
    functionName: "bench",
    functionVersion: "1",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:bench",
    memoryLimitInMB: "1024",
    logGroupName: "bench",
    logStreamName: "bench",
    getRemainingTimeInMillis: () => until - performance.now(),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
