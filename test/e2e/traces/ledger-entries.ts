import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { clientFor } from "../../../sandbox/demos/client.ts";
import { type Entry, intent } from "../../../shared/ledger/entry.ts";
import type { Scenery } from "./scenery.ts";

const entry = z.object({ intent });

/** Every entry of the ledger. */
export async function ledgerEntries({ account }: Pick<Scenery, "account">): Promise<Pick<Entry, "intent">[]> {
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

/** An order whose plan is not the pool's newest is refused. */
export async function newestPlan(scenery: Pick<Scenery, "account">): Promise<string> {
  const entries = await ledgerEntries(scenery);
  const plans = entries.filter(({ intent }) => intent.automation === "scale-node-pools");
  return plans.toSorted((a, b) => b.intent.at - a.intent.at)[0]?.intent.id ?? "";
}
