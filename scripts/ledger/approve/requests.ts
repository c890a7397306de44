import { type AttributeValue, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import { REQUEST_KEY, readRequest } from "../../../shared/approvals/item.ts";
import type { ApprovalRequest } from "../../../shared/approvals/request.ts";

/** Every request of a stage that can be read, answered or not. */
export async function requestsIn(
  client: DynamoDBClient,
  TableName: string,
): Promise<readonly ApprovalRequest[]> {
  const items: Record<string, AttributeValue>[] = [];
  const scan = {
    TableName,
    FilterExpression: "sk = :request",
    ExpressionAttributeValues: { ":request": { S: REQUEST_KEY } },
  };
  for await (const { Items = [] } of paginateScan({ client }, scan)) items.push(...Items);
  return items.flatMap((item) => readRequest(item) ?? []);
}
