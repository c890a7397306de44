import { expect, it } from "vitest";
import { quarantineLocations } from "../../../../functions/ingest-events/quarantine/locations.ts";

const names = { queue: "q", bucketPrefix: "b" };

it.each([
  [
    "arn:aws:lambda:eu-central-1:123456789012:function:f",
    "https://sqs.eu-central-1.amazonaws.com/123456789012/q",
    "b-123456789012-eu-central-1",
  ],
  [
    "arn:aws-cn:lambda:cn-north-1:123456789012:function:f:live",
    "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q",
    "b-123456789012-cn-north-1",
  ],
  [undefined, "https://sqs.us-east-1.amazonaws.com/000000000000/q", "b-000000000000-us-east-1"],
])("stands in the account and region of %s", (arn, queueUrl, bucket) => {
  expect(quarantineLocations(names, arn, "us-east-1")).toEqual({ queueUrl, bucket });
});
