import { EventEmitter } from "node:events";
import type { Server } from "node:http";
import { Readable } from "node:stream";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { type HttpRequest, HttpResponse } from "@smithy/core/transport";
import dynalite from "dynalite";
import { clientOptions } from "../../shared/aws/client-options.ts";

/** A DynamoDB of this process, and the real client. */
export interface TestDynamoDb {
  readonly client: DynamoDBClient;
  /** Makes a table with these keys, texts all of them: the partition key and maybe a sort key. Gives its name. */
  createTable(
    name: string,
    keys: readonly [string, string?],
    ...indexes: readonly { readonly name: string; readonly keys: readonly [string, string] }[]
  ): Promise<string>;
  stop(): Promise<void>;
}

export async function startDynamoDb(): Promise<TestDynamoDb> {
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const client = new DynamoDBClient({
    ...clientOptions(),
    endpoint: "http://127.0.0.1",
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    signer: { sign: async (request) => signed(request) },
    requestHandler: {
      handle: async (request: HttpRequest) => ({ response: await answerOf(server, request) }),
    },
  });
  return {
    client,
    async createTable(TableName, [partition, sort], ...indexes) {
      const keys: CreateTableCommandInput["KeySchema"] = [{ AttributeName: partition, KeyType: "HASH" }];
      if (sort !== undefined) keys.push({ AttributeName: sort, KeyType: "RANGE" });
      await client.send(
        new CreateTableCommand({
          TableName,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [
            ...keys.map(({ AttributeName }) => AttributeName),
            ...indexes.flatMap((index) => index.keys),
          ].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
          KeySchema: keys,
          ...(indexes.length > 0 && {
            GlobalSecondaryIndexes: indexes.map((index) => ({
              IndexName: index.name,
              KeySchema: [
                { AttributeName: index.keys[0], KeyType: "HASH" as const },
                { AttributeName: index.keys[1], KeyType: "RANGE" as const },
              ],
              Projection: { ProjectionType: "ALL" as const },
            })),
          }),
        }),
      );
      const patience = { client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 };
      await waitUntilTableExists(patience, { TableName });
      return TableName;
    },
    async stop() {
      client.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** It has to be there, and nobody reads it: signing is half of what a call costs. */
const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

function signed<T>(request: T): T {
  Object.assign((request as HttpRequest).headers, {
    authorization: AUTHORIZATION,
    "x-amz-date": "20260101T000000Z",
  });
  return request;
}

/** What the server answers, without a socket between: a call over one costs as much as the server's own work. */
function answerOf(server: Server, { method, headers, body }: HttpRequest): Promise<HttpResponse> {
  const incoming = Object.assign(new EventEmitter(), { method, url: "/", headers });
  return new Promise((resolve) => {
    const said: Record<string, string> = {};
    const outgoing = {
      statusCode: 200,
      setHeader(name: string, value: unknown) {
        said[name.toLowerCase()] = String(value);
      },
      end(text = "") {
        const { statusCode } = this;
        resolve(new HttpResponse({ statusCode, headers: said, body: Readable.from([Buffer.from(text)]) }));
      },
    };
    server.emit("request", incoming, outgoing);
    incoming.emit("data", body instanceof Uint8Array ? Buffer.concat([body]) : Buffer.from(body ?? ""));
    incoming.emit("end");
  });
}
