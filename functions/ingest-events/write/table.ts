import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { StreamPolicy } from "../config/policy.ts";
import type { Redrive } from "../decode/kinesis-event.ts";
import type { Table } from "./answer.ts";
import { AppendTable } from "./append-table.ts";
import { ConditionalTable } from "./conditional/conditional-table.ts";

/**
 * The table of `policy`. What is redriven in mode `append` is written on condition that nothing stands there: a record
 * that was in conflict would otherwise overwrite the first event of its id.
 * @param client must not retry by itself (`maxAttempts: 1`): `write` does, with all of the invocation in view.
 */
export function tableOf(client: DynamoDBClient, policy: StreamPolicy, redrive?: Redrive): Table {
  const mayOverwrite = redrive === undefined || redrive.overwrite;
  return policy.mode === "append" && mayOverwrite
    ? new AppendTable(client, policy)
    : new ConditionalTable(client, policy);
}
