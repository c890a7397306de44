import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { clientFor } from "../../../sandbox/demos/client.ts";
import { type Entry, intent } from "../../../shared/ledger/entry.ts";
import type { Scenery } from "./scenery.ts";

const entry = z.object({ intent });

/** Every entry of the ledger. */
export async function ledgerEntries({ account }: Scenery): Promise<Pick<Entry, "intent">[]> {
  const client = new DynamoDBClient(clientFor(account));
  const entries: Pick<Entry, "intent">[] = [];
  for await (const { Items = [] } of paginateScan({ client }, { TableName: "reflex-dev-ledger" })) {
    for (const { sk, body } of Items) {
      if (sk?.S?.startsWith("entry#")) entries.push(entry.parse(JSON.parse(body?.S ?? "null")));
    }
  }
  client.destroy();
  return entries;
}
