import { expect, it } from "vitest";
import { putTableThrottles } from "../../../sandbox/dynamodb/throttle-metrics.ts";

const TABLES = ["ledger", "sites"].map((name) => `arn:aws:dynamodb:us-east-1:000000000000:table/${name}`);

function published(service: string, operation: string, resources: readonly string[]): string[] {
  const put: string[] = [];
  putTableThrottles(
    { service, operation, resources, at: 7, startedMs: 0 },
    {
      put: (namespace, name, dimensions, sample, unit, at) => {
        put.push(
          `${namespace} ${name} ${Object.values(dimensions).join(" ")}: ${JSON.stringify(sample)} ${unit} at ${at}`,
        );
      },
    },
  );
  return put;
}

it.each([
  ["GetItem", "Read"],
  ["BatchGetItem", "Read"],
  ["Query", "Read"],
  ["Scan", "Read"],
  ["PutItem", "Write"],
  ["UpdateItem", "Write"],
  ["BatchWriteItem", "Write"],
])("a throttled %s is one of its table's and operation's, and a throttled %s", (operation, kind) => {
  expect(published("dynamodb", operation, TABLES.slice(0, 1))).toEqual([
    `AWS/DynamoDB ThrottledRequests ledger ${operation}: {"value":1} Count at 7`,
    `AWS/DynamoDB ${kind}ThrottleEvents ledger: {"value":1} Count at 7`,
  ]);
});

it("a call on two tables is one of each, and a call of another service none", () => {
  expect(published("dynamodb", "BatchGetItem", TABLES)).toHaveLength(4);
  expect(published("kinesis", "GetRecords", TABLES)).toEqual([]);
});
