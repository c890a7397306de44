import { beforeEach, describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../functions/ingest-events/decode/json.ts";
import { AppendTable } from "../../../../functions/ingest-events/write/append-table.ts";
import { ConditionalTable } from "../../../../functions/ingest-events/write/conditional/conditional-table.ts";
import { answeredClient, readable } from "../dynamo-answers.ts";
import { APPEND, APPEND_ONCE, LATEST, LATEST_DELETING, policyOf } from "../policies.ts";
import { writesOf } from "../writes.ts";

const { signal } = new AbortController();
const { client, on, reset, requests } = answeredClient();
beforeEach(reset);

const DONE = { kind: "done" };
const AGAIN = { kind: "again", mayBeApplied: false };
const MAYBE = { kind: "again", mayBeApplied: true };
const CONDITION_FAILED = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
const THROTTLED = { __type: "x#ThrottlingException", message: "slow" };
const TWO: readonly JsonObject[] = [{ id: "a" }, { id: "b" }];

describe("a batch without a condition", () => {
  const write = async (events: readonly JsonObject[], policy = APPEND) =>
    new AppendTable(client, policy).write(writesOf(events, policy), signal);

  it.each([
    ["one", TWO.slice(0, 1)],
    ["two", TWO],
  ])("puts its items in one call: %s", async (_, events) => {
    on("BatchWriteItem", {});
    expect(await write(events)).toEqual(events.map(() => DONE));
    expect(requests).toEqual([
      {
        operation: "BatchWriteItem",
        body: {
          RequestItems: { landed: events.map(({ id }) => ({ PutRequest: { Item: { id: { S: id } } } })) },
        },
        signal,
      },
    ]);
  });

  it("is done of what did not come back", async () => {
    on("BatchWriteItem", { UnprocessedItems: { landed: [{ PutRequest: { Item: { id: { S: "b" } } } }] } });
    expect(await write(TWO)).toEqual([DONE, AGAIN]);
    on("BatchWriteItem", { UnprocessedItems: {} });
    expect(await write(TWO)).toEqual([DONE, DONE]);
  });

  it("is not known to be done where something else came back with it", async () => {
    const put = (id: string) => ({ PutRequest: { Item: { id: { S: id } } } });
    on("BatchWriteItem", { UnprocessedItems: { landed: [put("b"), put("z")] } });
    expect(await write(TWO)).toEqual([MAYBE, MAYBE]);
    on("BatchWriteItem", { UnprocessedItems: { landed: [{ PutRequest: {} }] } });
    expect(await write(TWO)).toEqual([MAYBE, MAYBE]);
  });

  it("is refused as a whole, or tried again as a whole", async () => {
    on("BatchWriteItem", { __type: "x#ValidationException", message: "too large" });
    expect(await write(TWO)).toEqual({ refusedTogether: "too large" });
    on("BatchWriteItem", THROTTLED);
    expect(await write(TWO)).toEqual([AGAIN, AGAIN]);
    on("BatchWriteItem", { __type: "x#AccessDeniedException", message: "no" });
    await expect(write(TWO)).rejects.toMatchObject({
      call: "dynamodb:BatchWriteItem",
      resource: "table/landed",
    });
  });

  it("knows its items by all of their key, binary and numbers too", async () => {
    const bytes = policyOf(
      { mode: "append", id: "id", key: { h: "$id", n: "n" }, withoutId: "quarantine" },
      { partitionKey: { name: "h", type: "binary" }, sortKey: { name: "n", type: "number" } },
    );
    const events = [1, 2].map((n) => ({ id: "YQ==", n }));
    on("BatchWriteItem", {
      UnprocessedItems: { landed: [{ PutRequest: { Item: { h: { B: "YQ==" }, n: { N: "2.0" } } } }] },
    });
    expect(await write(events, bytes)).toEqual([DONE, AGAIN]);
  });
});

describe("a put or delete on a condition", () => {
  const alone = async (event: JsonObject, policy = APPEND_ONCE) => {
    const answers = await new ConditionalTable(client, policy).write(writesOf([event], policy), signal);
    return readable(answers);
  };

  it("is of one item that is not there yet", async () => {
    on("PutItem", {});
    expect(await alone({ id: "a" })).toEqual([DONE]);
    expect(requests).toEqual([
      {
        operation: "PutItem",
        body: {
          TableName: "landed",
          Item: { id: { S: "a" } },
          ConditionExpression: "attribute_not_exists(#k)",
          ExpressionAttributeNames: { "#k": "id" },
          ReturnValuesOnConditionCheckFailure: "ALL_OLD",
        },
        signal,
      },
    ]);
  });

  it("is of one that is not there, or older", async () => {
    on("DeleteItem", {});
    expect(await alone({ id: "a", v: 3, kind: "d" }, LATEST_DELETING)).toEqual([DONE]);
    expect(requests.map(({ body }) => body)).toEqual([
      {
        TableName: "landed",
        Key: { id: { S: "a" } },
        ConditionExpression: "attribute_not_exists(#k) OR #v < :v",
        ExpressionAttributeNames: { "#k": "id", "#v": "_version" },
        ExpressionAttributeValues: { ":v": { N: "3" } },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    ]);
  });

  it("reads what stands there, consistently, where the answer did not bring it", async () => {
    on("PutItem", { __type: CONDITION_FAILED, message: "no" });
    const stored = { id: { S: "a" }, x: { N: "1" } };
    on("BatchGetItem", { Responses: { landed: [stored] } });
    expect(await alone({ id: "a" })).toEqual([{ kind: "exists", stored }]);
    expect(requests[1]).toEqual({
      operation: "BatchGetItem",
      body: { RequestItems: { landed: { Keys: [{ id: { S: "a" } }], ConsistentRead: true } } },
      signal,
    });
  });

  it.each([
    ["put", "PutItem", { id: "a", v: 1 }],
    ["delete", "DeleteItem", { id: "a", v: 1, kind: "d" }],
  ])("%s that is not permitted names its call", async (_, operation, event) => {
    on(operation, { __type: "x#AccessDeniedException", message: "no" });
    await expect(alone(event, LATEST_DELETING)).rejects.toMatchObject({
      name: "Blocked",
      call: `dynamodb:${operation}`,
    });
  });

  it("is tried again where the read is throttled, and fails where it is not permitted", async () => {
    on("PutItem", { __type: CONDITION_FAILED, message: "no" });
    on("BatchGetItem", THROTTLED);
    expect(await alone({ id: "a" })).toEqual([AGAIN]);
    on("BatchGetItem", { __type: "x#ValidationException", message: "no" });
    expect(await alone({ id: "a" })).toEqual([AGAIN]);
    on("BatchGetItem", { __type: "x#AccessDeniedException", message: "no" });
    await expect(alone({ id: "a" })).rejects.toMatchObject({ call: "dynamodb:BatchGetItem" });
  });
});

describe("what stands there and is large", () => {
  const events = (count: number, name = "x") =>
    Array.from({ length: count }, (_, at) => ({ id: `e${at}`, [name]: 1 }));
  const keysRead = () =>
    requests.flatMap(({ operation, body }) =>
      operation === "BatchGetItem"
        ? (body as { RequestItems: { landed: { Keys: unknown[] } } }).RequestItems.landed.Keys.length
        : [],
    );
  const duplicates = (count: number) => ({
    Responses: Array.from({ length: count }, () => ({ Error: { Code: "DuplicateItem" } })),
  });

  it("is read half as much at once until it fits in 4 MiB, and then up to twice as much again", async () => {
    const table = new ConditionalTable(client, APPEND_ONCE);
    const large = "x".repeat(1_100_000);
    const read = (count: number) => ({
      Responses: {
        landed: Array.from({ length: count }, (_, at) => ({ id: { S: `e${at}` }, x: { S: large } })),
      },
    });
    on("BatchExecuteStatement", duplicates(10), duplicates(7));
    on("BatchGetItem", read(10), read(5), read(3), read(6), read(3));
    const kinds = async (count: number) =>
      readable(await table.write(writesOf(events(count), APPEND_ONCE), signal));
    expect(await kinds(10)).toMatchObject([
      ...Array(3).fill({ kind: "exists" }),
      ...Array(7).fill({ kind: "again", mayBeApplied: false }),
    ]);
    await kinds(7);
    expect(keysRead()).toEqual([10, 5, 3, 6, 3]);
  });

  it("is read whole where it is one", async () => {
    on("PutItem", { __type: CONDITION_FAILED, message: "no" });
    const stored = { id: { S: "e0" }, x: { S: "x".repeat(4_300_000) } };
    on("BatchGetItem", { Responses: { landed: [stored] } });
    const answers = await new ConditionalTable(client, APPEND_ONCE).write(
      writesOf(events(1), APPEND_ONCE),
      signal,
    );
    const [answer] = "refusedTogether" in answers ? [] : answers;
    expect(answer?.kind === "exists" && answer.stored.json.length).toBe(4_300_030);
  });

  it("is held up to 4 MiB and what is in flight: the rest of the puts waits", async () => {
    on("PutItem", {
      ...{ __type: CONDITION_FAILED, message: "no" },
      Item: { id: { S: "e0" }, x: { S: "x".repeat(500_000) } },
    });
    // A name that no statement can say.
    const answers = await new ConditionalTable(client, APPEND_ONCE).write(
      writesOf(events(20, "a.b"), APPEND_ONCE),
      signal,
    );
    if ("refusedTogether" in answers) throw new Error("refused");
    const held = answers.filter(({ kind }) => kind === "exists").length;
    expect(held).toBeGreaterThanOrEqual(9);
    expect(held).toBeLessThanOrEqual(12);
    expect(answers.filter(({ kind }) => kind === "again")).toHaveLength(20 - held);
    expect(requests).toHaveLength(held);
  });

  it("is read by itself where a put's answer would be larger than half a MiB", async () => {
    const stored = { id: { S: "e0" }, x: { S: "x".repeat(525_000) } };
    on("PutItem", { __type: CONDITION_FAILED, message: "no", Item: stored });
    on("BatchGetItem", { Responses: { landed: [stored] } });
    const answers = await new ConditionalTable(client, APPEND_ONCE).write(
      writesOf(events(1), APPEND_ONCE),
      signal,
    );
    expect("refusedTogether" in answers || answers.map(({ kind }) => kind)).toEqual(["exists"]);
    expect(requests.map(({ operation }) => operation)).toEqual(["PutItem", "BatchGetItem"]);
  });

  it("has a key of several attributes, which are all asked for", async () => {
    const policy = policyOf(
      { mode: "append-once", id: "id", key: { id: "$id", n: "n" } },
      { partitionKey: "id", sortKey: { name: "n", type: "number" } },
    );
    on("PutItem", { __type: CONDITION_FAILED, message: "no" });
    on("BatchGetItem", {});
    await new ConditionalTable(client, policy).write(writesOf([{ id: "a", n: 1 }], policy), signal);
    expect(requests[1]?.body).toMatchObject({
      RequestItems: { landed: { Keys: [{ id: { S: "a" }, n: { N: "1" } }] } },
    });
  });
});

describe("several writes on a condition", () => {
  const write = async (events: readonly JsonObject[], policy = APPEND_ONCE) =>
    readable(await new ConditionalTable(client, policy).write(writesOf(events, policy), signal));
  const versions = (...vs: readonly number[]) => vs.map((v, at) => ({ id: "abc"[at] ?? "", v }));
  const stored = (id: string, v: string) => ({ id: { S: id }, v: { N: v }, _version: { N: v } });

  it("are one call with a statement each", async () => {
    on("BatchExecuteStatement", { Responses: [{}, {}] });
    expect(await write(TWO)).toEqual([DONE, DONE]);
    expect(requests).toEqual([
      {
        operation: "BatchExecuteStatement",
        body: {
          Statements: TWO.map(({ id }) => ({
            Statement: `INSERT INTO "landed" VALUE {'id':?}`,
            Parameters: [{ S: id }],
          })),
        },
        signal,
      },
    ]);
  });

  it("are tried again together where the call fails, or answers for too few", async () => {
    on("BatchExecuteStatement", THROTTLED);
    expect(await write(TWO)).toEqual([AGAIN, AGAIN]);
    on("BatchExecuteStatement", { Responses: [{}] });
    expect(await write(TWO)).toEqual([MAYBE, MAYBE]);
    on("BatchExecuteStatement", {});
    expect(await write(TWO)).toEqual([MAYBE, MAYBE]);
    on("BatchExecuteStatement", { __type: "x#AccessDeniedException", message: "no" });
    await expect(write(TWO)).rejects.toMatchObject({ call: "dynamodb:BatchExecuteStatement" });
  });

  it("are read first where the latest counts, at half the price, and only what is later is sent", async () => {
    on("BatchGetItem", { Responses: { landed: [stored("a", "1"), stored("b", "2"), stored("c", "3")] } });
    on("BatchExecuteStatement", { Responses: [{}] });
    const answers = await write(versions(2, 2, 2), LATEST);
    expect(answers).toEqual([
      DONE,
      { kind: "exists", stored: stored("b", "2") },
      { kind: "exists", stored: stored("c", "3") },
    ]);
    expect(requests[0]?.body).toEqual({
      RequestItems: {
        landed: { Keys: ["a", "b", "c"].map((id) => ({ id: { S: id } })), ConsistentRead: false },
      },
    });
    expect(requests[1]?.body).toMatchObject({
      Statements: [{ Parameters: [{ N: "2" }, { N: "2" }, { S: "a" }, { N: "1" }] }],
    });
  });

  it("are found to stand there without a version, and left", async () => {
    const item = { id: { S: "a" } };
    on("BatchGetItem", { Responses: { landed: [item] } });
    on("BatchExecuteStatement", { Responses: [{}] });
    expect(await write(versions(1, 1), LATEST)).toEqual([{ kind: "exists", stored: item }, DONE]);
  });

  it("are sent all the same where nothing is there, and wait where the read is throttled", async () => {
    on("BatchGetItem", {});
    on("BatchExecuteStatement", { Responses: [{}, {}] });
    expect(await write(versions(1, 1), LATEST)).toEqual([DONE, DONE]);
    on("BatchGetItem", THROTTLED);
    expect(await write(versions(1, 1), LATEST)).toEqual([AGAIN, AGAIN]);
  });

  it("are tried again where the read did not come to them, and where what was read was replaced", async () => {
    on("BatchGetItem", {
      Responses: { landed: [stored("b", "1")] },
      UnprocessedKeys: { landed: { Keys: [{ id: { S: "a" } }] } },
    });
    on("BatchExecuteStatement", { Responses: [{ Error: { Code: "ConditionalCheckFailed" } }] });
    expect(await write(versions(2, 2), LATEST)).toEqual([AGAIN, AGAIN]);
    on("BatchGetItem", { UnprocessedKeys: { landed: { Keys: [{ id: { S: "a" } }, { id: { S: "b" } }] } } });
    expect(await write(versions(2, 2), LATEST)).toEqual([AGAIN, AGAIN]);
  });

  it("that are deletes go by themselves", async () => {
    on("BatchGetItem", {});
    on("BatchExecuteStatement", { Responses: [{}] });
    on("DeleteItem", {});
    const events: readonly JsonObject[] = [
      { id: "a", v: 1, kind: "d" },
      { id: "b", v: 1 },
    ];
    expect(await write(events, LATEST_DELETING)).toEqual([DONE, DONE]);
    expect(requests.map(({ operation }) => operation)).toEqual([
      "BatchGetItem",
      "BatchExecuteStatement",
      "DeleteItem",
    ]);
    requests.splice(0);
    const deletes = [
      { id: "a", v: 1, kind: "d" },
      { id: "b", v: 1, kind: "d" },
    ];
    expect(await write(deletes, LATEST_DELETING)).toEqual([DONE, DONE]);
    expect(requests.map(({ operation }) => operation)).toEqual(["BatchGetItem", "DeleteItem", "DeleteItem"]);
  });

  it("are read again, consistently, where they turned out to stand there", async () => {
    on("BatchExecuteStatement", {
      Responses: [{ Error: { Code: "DuplicateItem" } }, { Error: { Code: "DuplicateItem" } }],
    });
    on("BatchGetItem", { Responses: { landed: [{ id: { S: "b" } }] } });
    expect(await write(TWO)).toEqual([AGAIN, { kind: "exists", stored: { id: { S: "b" } } }]);
    expect(requests[1]?.body).toMatchObject({ RequestItems: { landed: { ConsistentRead: true } } });
  });

  it("are refused with DynamoDB's words, once PutItem has said so too", async () => {
    on("BatchExecuteStatement", { Responses: [{ Error: { Code: "ValidationError" } }, {}] });
    on("PutItem", { __type: "x#ValidationException", message: "too large" });
    expect(await write(TWO)).toEqual([{ kind: "refused", message: "too large" }, DONE]);
  });
});
