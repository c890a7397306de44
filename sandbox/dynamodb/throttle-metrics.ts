import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Call } from "../endpoint/calls.ts";

const READS: ReadonlySet<string> = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);

/**
 * What DynamoDB publishes of a call that it throttled.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 */
export function putTableThrottles(
  { service, operation, resources = [], at }: Call,
  metrics: Pick<MetricStore, "put">,
): void {
  if (service !== "dynamodb") return;
  for (const arn of resources) {
    const TableName = arn.split("/").at(-1) ?? "";
    const put = (name: string, dimensions: Readonly<Record<string, string>>) =>
      metrics.put("AWS/DynamoDB", name, dimensions, { value: 1 }, "Count", at);
    put("ThrottledRequests", { TableName, Operation: operation });
    put(READS.has(operation) ? "ReadThrottleEvents" : "WriteThrottleEvents", { TableName });
  }
}
