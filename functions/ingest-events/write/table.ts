import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { StreamPolicy } from "../config/policy.ts";
import type { Table } from "./answer.ts";
import { AppendTable } from "./append-table.ts";
import { ConditionalTable } from "./conditional-table.ts";

/**
 * The table of `policy`.
 * @param client must not retry by itself (`maxAttempts: 1`): `write` does, with all of the invocation in view.
 */
export function tableOf(client: DynamoDBClient, policy: StreamPolicy): Table {
  return policy.mode === "append" ? new AppendTable(client, policy) : new ConditionalTable(client, policy);
}
