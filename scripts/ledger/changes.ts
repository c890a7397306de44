import { type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";
import { CHANGES_INDEX, CHANGES_KEYS, daysBetween } from "../../shared/ledger/changes-index.ts";
import type { Entry } from "../../shared/ledger/entry.ts";
import { readEntry } from "../../shared/ledger/items.ts";

export interface Change extends Entry {
  readonly resource: string;
}

/** A span of time, ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Every change of every resource within the span, oldest first, day by day as the index has them. */
export async function* changesIn(
  { from, to }: Span,
  client: DynamoDBClient,
  TableName: string,
): AsyncGenerator<Change> {
  const { partition, sort } = CHANGES_KEYS;
  for (const day of daysBetween(from, to)) {
    const query = {
      TableName,
      IndexName: CHANGES_INDEX,
      KeyConditionExpression: `${partition} = :day AND ${sort} >= :from`,
      ExpressionAttributeValues: { ":day": { S: day }, ":from": { S: new Date(from).toISOString() } },
    };
    for await (const { Items = [] } of paginateQuery({ client }, query)) {
      for (const item of Items) {
        const entry = readEntry(item);
        if (entry) yield { resource: item.pk?.S ?? "", ...entry };
      }
    }
  }
}
