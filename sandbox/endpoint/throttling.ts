import type { Refusal } from "./refusal.ts";

/** How each service says that it is asked too often; from the error lists of AWS's API models. */
const DATA_PLANE_OF_KINESIS: ReadonlySet<string> = new Set([
  "PutRecord",
  "PutRecords",
  "GetRecords",
  "GetShardIterator",
]);

/** The throttling error of this operation, as AWS would answer it. */
export function throttlingOf(service: string, operation: string): Refusal {
  const message = "Rate exceeded";
  switch (service) {
    case "kinesis":
      return DATA_PLANE_OF_KINESIS.has(operation)
        ? { status: 400, code: "ProvisionedThroughputExceededException", message: "Rate exceeded for shard." }
        : { status: 400, code: "LimitExceededException", message: "Rate exceeded for stream." };
    case "dynamodb":
      return {
        status: 400,
        code: "ProvisionedThroughputExceededException",
        message: "The level of configured provisioned throughput for the table was exceeded.",
      };
    case "sns":
      return { status: 400, code: "Throttling", message };
    case "monitoring":
    case "autoscaling":
      return { status: 400, code: "Throttling", message };
    case "lambda":
    case "eks":
      return { status: 429, code: "TooManyRequestsException", message };
    default:
      return { status: 400, code: "ThrottlingException", message };
  }
}
