import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
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
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDBClient({
    ...clientOptions(),
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
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
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
