import { expect, it } from "vitest";
import * as z from "zod/mini";
import { countedUpstream } from "../../../sandbox/dynamodb/consumed-capacity.ts";
import type { Upstream } from "../../../sandbox/endpoint/upstream.ts";
import type { AwsRequest } from "../../../sandbox/service.ts";

const asked = z.looseObject({ ReturnConsumedCapacity: z.optional(z.string()) });

/** A DynamoDB that answers each call so, with the units of one where they are asked for; `seen` is what it was asked. */
function counted(units: unknown, { status = 200, body }: { status?: number; body?: string } = {}) {
  const seen: object[] = [];
  const upstream: Upstream = {
    stop: async () => {},
    async forward(request) {
      const input = JSON.parse(request.body.toString());
      seen.push(input);
      const { ReturnConsumedCapacity = "NONE" } = asked.parse(input);
      const answer = {
        Item: { a: 1 },
        ...(ReturnConsumedCapacity !== "NONE" && { ConsumedCapacity: units }),
      };
      return {
        status,
        headers: { "x-amz-crc32": "1", "content-type": "application/x-amz-json-1.0" },
        body: Buffer.from(body ?? JSON.stringify(answer)),
      };
    },
  };
  const { upstream: counting, units: total } = countedUpstream(upstream);
  const call = (operation: string, input: object | string = {}) =>
    counting.forward({
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: { "x-amz-target": `DynamoDB_20120810.${operation}` },
      body: Buffer.from(typeof input === "string" ? input : JSON.stringify(input)),
      region: "us-east-1",
    } satisfies AwsRequest);
  return { call, total, seen };
}

it.each(["GetItem", "Query", "Scan", "BatchGetItem"])("%s is read", async (operation) => {
  const { call, total } = counted({ CapacityUnits: 1.5 });
  await call(operation);
  await call(operation);
  expect(total()).toEqual({ read: 3, write: 0 });
});

it.each(["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"])("%s is written", async (operation) => {
  const { call, total } = counted([{ CapacityUnits: 2 }, { CapacityUnits: 3 }]);
  await call(operation);
  expect(total()).toEqual({ read: 0, write: 5 });
});

it("other calls cost no request units, and are handed on as they are", async () => {
  const { call, total, seen } = counted({ CapacityUnits: 1 });
  await call("DescribeTable", { TableName: "t" });
  expect([total(), seen]).toEqual([{ read: 0, write: 0 }, [{ TableName: "t" }]]);
});

it.each([{}, { ReturnConsumedCapacity: "NONE" }])(
  "a caller who asks %j does not see that it was asked",
  async (input) => {
    const { call, seen } = counted({ CapacityUnits: 1 });
    const { headers, body } = await call("GetItem", { TableName: "t", ...input });
    expect(seen).toEqual([{ TableName: "t", ReturnConsumedCapacity: "TOTAL" }]);
    expect(JSON.parse(body.toString())).toEqual({ Item: { a: 1 } });
    // The checksum was that of another answer.
    expect(headers).toEqual({ "content-type": "application/x-amz-json-1.0" });
  },
);

it("a caller who asks for the units gets them as he asked", async () => {
  const { call, total, seen } = counted({ CapacityUnits: 4 });
  const { headers, body } = await call("GetItem", { ReturnConsumedCapacity: "INDEXES" });
  expect(seen).toEqual([{ ReturnConsumedCapacity: "INDEXES" }]);
  expect(JSON.parse(body.toString())).toEqual({ Item: { a: 1 }, ConsumedCapacity: { CapacityUnits: 4 } });
  expect(headers["x-amz-crc32"]).toBe("1");
  expect(total().read).toBe(4);
});

it("a write that is refused costs one unit, a read nothing, and the answer stays as it is", async () => {
  const { call, total } = counted(undefined, {
    status: 400,
    body: '{"__type":"ConditionalCheckFailedException"}',
  });
  await call("GetItem");
  expect((await call("PutItem")).body.toString()).toBe('{"__type":"ConditionalCheckFailedException"}');
  expect(total()).toEqual({ read: 0, write: 1 });
});

it("what is no JSON is handed on", async () => {
  const { call, total } = counted(undefined, { body: "no JSON" });
  expect((await call("GetItem", "{}")).body.toString()).toBe("no JSON");
  expect(total()).toEqual({ read: 0, write: 0 });
});
