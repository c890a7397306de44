import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";
import { clientOptions } from "../../../shared/aws/client-options.ts";

/** A DynamoDB of this process with the ledger's table in it, and the real client. */
export interface LedgerTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** The operations the client has sent, in order: `Query`. */
  readonly calls: string[];
  /** Makes another, empty table; answers with its name. */
  another(): Promise<string>;
  stop(): Promise<void>;
}

export async function startLedgerTable(): Promise<LedgerTable> {
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
  const create = async (table: string) => {
    await client.send(
      new CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [
          { AttributeName: "pk", AttributeType: "S" },
          { AttributeName: "sk", AttributeType: "S" },
        ],
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
      }),
    );
    const patience = { client, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 };
    await waitUntilTableExists(patience, { TableName: table });
    return table;
  };
  const table = await create("reflex-test-ledger");
  let tables = 1;
  const calls: string[] = [];
  client.middlewareStack.add(
    (next, context) => (args) => {
      calls.push((context.commandName ?? "").replace(/Command$/, ""));
      return next(args);
    },
    { step: "initialize", name: "CountCalls" },
  );
  return {
    client,
    table,
    calls,
    another: () => {
      tables += 1;
      return create(`reflex-test-ledger-${tables}`);
    },
    stop: async () => {
      client.destroy();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
