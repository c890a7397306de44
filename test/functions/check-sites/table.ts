import { type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { startDynamoDb } from "../../shared/dynalite.ts";

/** A DynamoDB of this process with the sites' table in it, and the real client. */
export interface SitesTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Everything in the table, as text. */
  content(): Promise<string>;
  /** Another table of the same DynamoDB: a config of its own has one of its own. */
  fresh(): Promise<SitesTable>;
  stop(): Promise<void>;
}

export async function startSitesTable(): Promise<SitesTable> {
  const { client, createTable, stop } = await startDynamoDb();
  let tables = 0;
  const make = async (): Promise<SitesTable> => {
    const table = await createTable(`reflex-test-sites-${tables++}`, ["pk"]);
    const content = async () =>
      JSON.stringify((await client.send(new ScanCommand({ TableName: table }))).Items);
    return { client, table, content, fresh: make, stop };
  };
  return make();
}
