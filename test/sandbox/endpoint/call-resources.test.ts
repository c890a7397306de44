import { describe, expect, it } from "vitest";
import { resourcesOf } from "../../../sandbox/endpoint/call-resources.ts";
import { type AwsRequest, DEFAULT_REGION } from "../../../sandbox/service.ts";
import { encodeCbor } from "../../../sandbox/wire/cbor.ts";

const request = (changes: Partial<AwsRequest>): AwsRequest => ({
  method: "POST",
  path: "/",
  query: new URLSearchParams(),
  headers: {},
  body: Buffer.alloc(0),
  region: DEFAULT_REGION,
  ...changes,
});

const json = (input: object, target = "Service.Operation") =>
  request({ headers: { "x-amz-target": target }, body: Buffer.from(JSON.stringify(input)) });

const form = (input: Record<string, string>) =>
  request({
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(String(new URLSearchParams(input))),
  });

const path = (text: string) => request({ method: "GET", path: text });

const cbor = request({
  headers: { "content-type": "application/cbor" },
  body: Buffer.from(encodeCbor({ StreamName: "orders" })),
});

const here = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;

describe("what a call is on", () => {
  it.each<[string, string, AwsRequest, string[]]>([
    ["a stream by its name", "kinesis", json({ StreamName: "orders" }), [here("kinesis", "stream/orders")]],
    ["a stream by its ARN", "kinesis", json({ StreamARN: "arn:aws:kinesis:x" }), ["arn:aws:kinesis:x"]],
    ["a stream in CBOR", "kinesis", cbor, [here("kinesis", "stream/orders")]],
    ["a table", "dynamodb", json({ TableName: "ledger" }), [here("dynamodb", "table/ledger")]],
    [
      "the tables of a batch",
      "dynamodb",
      json({ RequestItems: { a: [], b: [] } }),
      [here("dynamodb", "table/a"), here("dynamodb", "table/b")],
    ],
    ["a topic", "sns", form({ TopicArn: here("sns", "notify") }), [here("sns", "notify")]],
    ["a queue by its URL", "sqs", json({ QueueUrl: "http://x/000000000000/q" }), [here("sqs", "q")]],
    ["an object", "s3", path("/bucket/a%20b/c"), ["arn:aws:s3:::bucket/a b/c"]],
    ["a bucket", "s3", path("/bucket/"), ["arn:aws:s3:::bucket"]],
    ["a function", "lambda", path("/2015-03-31/functions/f/invocations"), [here("lambda", "function:f")]],
    ["a cluster", "eks", path("/clusters/main"), [here("eks", "cluster/main")]],
    ["a node group", "eks", path("/clusters/main/node-groups/a"), [here("eks", "nodegroup/main/a/id")]],
    [
      "a group",
      "autoscaling",
      form({ AutoScalingGroupName: "workers" }),
      [here("autoscaling", "autoScalingGroup:id:autoScalingGroupName/workers")],
    ],
    [
      "alarms by a prefix",
      "monitoring",
      json({ AlarmNamePrefix: "reflex-" }, "GraniteServiceVersion20100801.DescribeAlarms"),
      [here("cloudwatch", "alarm:reflex-*")],
    ],
    [
      "parameters",
      "ssm",
      json({ Names: ["/a/b", "c"] }),
      [here("ssm", "parameter/a/b"), here("ssm", "parameter/c")],
    ],
    ["a secret", "secretsmanager", json({ SecretId: "s" }), [here("secretsmanager", "secret:s-xxxxxx")]],
  ])("%s", (_, service, call, expected) => {
    expect(resourcesOf(service, call)).toEqual(expected);
  });

  it.each<[string, string, AwsRequest]>([
    ["of a call on the whole account", "kinesis", json({})],
    ["of a service nobody asked about", "xray", json({ a: 1 })],
    ["of a body that cannot be read", "kinesis", request({ body: Buffer.from("{") })],
  ])("nothing is known %s", (_, service, call) => {
    expect(resourcesOf(service, call)).toEqual([]);
  });
});
