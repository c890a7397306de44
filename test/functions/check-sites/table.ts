import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { startDynamoDb } from "../../shared/dynalite.ts";

/** A DynamoDB of this process with the sites' table in it, and the real client. */
export interface SitesTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Everything in the table, as text. */
  content(): Promise<string>;
  stop(): Promise<void>;
}

export async function startSitesTable(): Promise<SitesTable> {
  const { client, createTable, stop } = await startDynamoDb();
  const table = await createTable("reflex-test-sites", ["pk"]);
  return {
    client,
    table,
    content: async () => JSON.stringify((await client.send(new ScanCommand({ TableName: table }))).Items),
    stop,
  };
}
