import { Readable } from "node:stream";
import {
  type AttributeValue,
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  GetItemCommand,
} from "@aws-sdk/client-dynamodb";
import { HttpResponse } from "@smithy/core/protocols";
import type { HttpRequest } from "@smithy/types";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { StreamPolicy } from "../../../../functions/ingest-events/config/policy.ts";
import type { JsonObject } from "../../../../functions/ingest-events/decode/json.ts";
import { plan } from "../../../../functions/ingest-events/plan/plan.ts";
import { ConditionalTable } from "../../../../functions/ingest-events/write/conditional/conditional-table.ts";
import { write } from "../../../../functions/ingest-events/write/write.ts";
import { startDynamoDb } from "../../../../sandbox/dynamodb/service.ts";
import type { Service } from "../../../../sandbox/service.ts";
import { Blocked, Misconfigured } from "../../../../shared/lambda/errors.ts";
import { budgetOfMs } from "../budgets.ts";
import { answeredClient, readable } from "../dynamo-answers.ts";
import { APPEND_ONCE, LATEST, LATEST_DELETING, policyOf } from "../policies.ts";
import { TableModel } from "../table-model.ts";
import { writesOf } from "../writes.ts";

const { signal } = new AbortController();

const kinds = async (table: ConditionalTable, events: readonly JsonObject[], policy: StreamPolicy) => {
  const answers = await table.write(writesOf(events, policy), signal);
  return "refusedTogether" in answers ? ["together"] : answers.map(({ kind }) => kind);
};

describe("ConditionalTable, where what stands there is much larger than what comes", () => {
  const written = Array.from({ length: 25 }, (_none, index) => ({ id: `e${index}` }));
  const items = new Map(
    written.map(({ id }) => [id, `{"id":{"S":"${id}"},"x":{"S":"${"x".repeat(399_000)}"}}`]),
  );
  const reads: number[] = [];
  const handle = async ({ body, headers }: HttpRequest) => {
    const isRead = String(headers["x-amz-target"]).endsWith("BatchGetItem");
    const request = JSON.parse(String(body));
    const keys: { id: { S: string } }[] = isRead ? request.RequestItems.landed.Keys : [];
    if (isRead) reads.push(keys.length);
    const answer = isRead
      ? `{"Responses":{"landed":[${keys.map(({ id }) => items.get(id.S)).join(",")}]}}`
      : JSON.stringify({ Responses: request.Statements.map(() => ({ Error: { Code: "DuplicateItem" } })) });
    return {
      response: new HttpResponse({
        statusCode: 200,
        headers: {},
        body: Readable.from([Buffer.from(answer)]),
      }),
    };
  };
  const client = new DynamoDBClient({ maxAttempts: 1, requestHandler: { handle } as never });

  it("reads fewer at once, up to 4 MiB, and comes to the end all the same", async () => {
    const table = new ConditionalTable(client, APPEND_ONCE);
    const groups = plan(writesOf(written, APPEND_ONCE), APPEND_ONCE);
    const { conflicts, unfinished } = await write(groups, APPEND_ONCE, table, budgetOfMs(60_000));
    expect([conflicts.length, unfinished.length]).toEqual([25, 0]);
    expect(conflicts[0]?.stored?.attributes.x?.S).toHaveLength(399_000);
    // 25, 13 and 12 have more than 4 MiB; 7 of 399 KB have not, and then up to twice as many are tried.
    expect(reads).toEqual([25, 13, 7, 14, 7, 11, 6, 5]);
  });
});

describe("ConditionalTable, where a put that is alone meets what is large", () => {
  // As JSON, an item of 400 KB may have several times as many bytes.
  const large = `"a.b":{"L":[${Array(100_000).fill('{"S":""}').join(",")}]}`;
  const asked: string[] = [];
  const handle = async ({ body, headers }: HttpRequest) => {
    const operation = String(headers["x-amz-target"]).split(".").at(-1) ?? "";
    const request = JSON.parse(String(body));
    const key = operation === "PutItem" ? request.Item.id.S : request.RequestItems.landed.Keys[0].id.S;
    asked.push(operation);
    const item = `{"id":{"S":"${key}"},${large}}`;
    const answer =
      operation === "PutItem"
        ? `{"__type":"x#ConditionalCheckFailedException","message":"no","Item":${item}}`
        : `{"Responses":{"landed":[${item}]}}`;
    const statusCode = operation === "PutItem" ? 400 : 200;
    return {
      response: new HttpResponse({ statusCode, headers: {}, body: Readable.from([Buffer.from(answer)]) }),
    };
  };
  const client = new DynamoDBClient({ maxAttempts: 1, requestHandler: { handle } as never });
  // A name that no statement can say.
  const events = Array.from({ length: 8 }, (_none, index) => ({ id: `e${index}`, "a.b": 1 }));

  it("reads it by itself, and holds no more than 4 MiB and one item at once", async () => {
    const table = new ConditionalTable(client, APPEND_ONCE);
    asked.length = 0;
    const answers = await table.write(writesOf(events, APPEND_ONCE), signal);
    if ("refusedTogether" in answers) throw new Error("refused");
    const held = answers.flatMap((answer) => (answer.kind === "exists" ? [answer.stored.json.length] : []));
    // Each has 0.9 MB: the fifth is more than 4 MiB together.
    expect(held).toHaveLength(5);
    expect(answers.slice(5).every(({ kind }) => kind === "again")).toBe(true);
    expect(asked.filter((operation) => operation === "BatchGetItem")).toHaveLength(5);
  });

  it("comes to the end all the same", async () => {
    const table = new ConditionalTable(client, APPEND_ONCE);
    const groups = plan(writesOf(events, APPEND_ONCE), APPEND_ONCE);
    const { conflicts, unfinished } = await write(groups, APPEND_ONCE, table, budgetOfMs(60_000));
    expect([conflicts.length, unfinished.length]).toEqual([8, 0]);
  });
});

describe("ConditionalTable, against the sandbox's DynamoDB", () => {
  let service: Service;
  let client: DynamoDBClient;
  const operations: string[] = [];
  let tables = 0;

  beforeAll(async () => {
    service = await startDynamoDb();
    const handle = async (request: HttpRequest) => {
      operations.push(String(request.headers["x-amz-target"]).split(".").at(-1) ?? "");
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
      );
      const {
        status,
        body = "",
        headers: answered = {},
      } = await service.handle({
        method: "POST",
        path: "/",
        query: new URLSearchParams(),
        headers,
        body: Buffer.from(request.body),
        region: "us-east-1",
      });
      return {
        response: new HttpResponse({ statusCode: status, headers: answered, body: Buffer.from(body) }),
      };
    };
    client = new DynamoDBClient({ maxAttempts: 1, requestHandler: { handle } as never });
  });

  afterAll(async () => {
    client.destroy();
    await service.stop?.();
  });

  beforeEach(() => void operations.splice(0));

  async function newTable(policy: StreamPolicy): Promise<{ table: ConditionalTable; name: string }> {
    tables += 1;
    const name = `table-${tables}`;
    await client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      }),
    );
    // It is CREATING for a moment, and refuses items until then.
    const isActive = async () => {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
      return Table?.TableStatus === "ACTIVE";
    };
    let attempts = 0;
    while (attempts < 1000 && !(await isActive())) attempts += 1;
    operations.splice(0);
    return { table: new ConditionalTable(client, { ...policy, table: name }), name };
  }

  const stored = async (TableName: string, id: string) =>
    (await client.send(new GetItemCommand({ TableName, Key: { id: { S: id } } }))).Item;

  it("adds 25 new items in one call", async () => {
    const { table, name } = await newTable(APPEND_ONCE);
    const events = Array.from({ length: 25 }, (_none, index) => ({
      id: `e${index}`,
      x: [index, { y: "z" }],
    }));
    expect(await kinds(table, events, APPEND_ONCE)).toEqual(Array(25).fill("done"));
    expect(operations).toEqual(["BatchExecuteStatement"]);
    expect(await stored(name, "e7")).toEqual({
      id: { S: "e7" },
      x: { L: [{ N: "7" }, { M: { y: { S: "z" } } }] },
    });
  });

  it("leaves what is there, and brings it", async () => {
    const { table, name } = await newTable(APPEND_ONCE);
    await kinds(table, [{ id: "a", x: 1 }], APPEND_ONCE);
    const answers = await table.write(
      writesOf([{ id: "a", x: 2 }, { id: "b" }, { id: "c" }], APPEND_ONCE),
      signal,
    );
    const first = { id: { S: "a" }, x: { N: "1" } };
    expect(readable(answers)).toEqual([
      { kind: "exists", stored: first },
      { kind: "done" },
      { kind: "done" },
    ]);
    expect(await stored(name, "a")).toEqual(first);
  });

  it("puts a later version in the place of an older one, with nothing left of that", async () => {
    const { table, name } = await newTable(LATEST);
    await kinds(
      table,
      [
        { id: "a", v: 1, old: true, x: 1 },
        { id: "b", v: 5 },
      ],
      LATEST,
    );
    operations.splice(0);
    const later: JsonObject[] = [
      { id: "a", v: 2, x: 2 },
      { id: "b", v: 4 },
      { id: "c", v: 1 },
    ];
    expect(await kinds(table, later, LATEST)).toEqual(["done", "exists", "done"]);
    expect(operations).toEqual(["BatchGetItem", "BatchExecuteStatement"]);
    expect(await stored(name, "a")).toEqual({
      id: { S: "a" },
      v: { N: "2" },
      x: { N: "2" },
      _version: { N: "2" },
    });
  });

  it.each<[string, JsonObject]>([
    ["unusual names", { id: "x", 'it\'s "so"': 1, "a.b": 2, é: 3 }],
    [
      "more names than a statement has room for",
      { id: "x", ...Object.fromEntries(Array.from({ length: 700 }, (_none, at) => [`attribute-${at}`, at])) },
    ],
  ])("writes an item with %s as well", async (_what, event) => {
    const { table, name } = await newTable(LATEST);
    const events = (v: number): JsonObject[] => [
      { ...event, v },
      { id: "y", v },
    ];
    expect(await kinds(table, events(1), LATEST)).toEqual(["done", "done"]);
    expect(await kinds(table, events(2), LATEST)).toEqual(["done", "done"]);
    expect(await kinds(table, events(1), LATEST)).toEqual(["exists", "exists"]);
    expect(Object.keys((await stored(name, "x")) ?? {}).toSorted()).toEqual(
      [...Object.keys(event), "v", "_version"].toSorted(),
    );
  });

  it.each([1, 2])("deletes an item unless a later version is there, %i writes a call", async (size) => {
    const { table, name } = await newTable(LATEST_DELETING);
    const send = async (events: readonly JsonObject[]) => {
      const found: string[] = [];
      for (let at = 0; at < events.length; at += size) {
        found.push(...(await kinds(table, events.slice(at, at + size), LATEST_DELETING)));
      }
      return found;
    };
    const both = (v: number, more: JsonObject = {}) => ["a", "b"].map((id) => ({ id, v, ...more }));
    await send([
      { id: "a", v: 1 },
      { id: "b", v: 3 },
    ]);
    expect(await send(both(2, { kind: "d" }))).toEqual(["done", "exists"]);
    expect(await stored(name, "a")).toBeUndefined();
    expect(await stored(name, "b")).toMatchObject({ v: { N: "3" } });
    // Again, and of what was never there: done.
    expect(
      await send([
        { id: "a", v: 2, kind: "d" },
        { id: "c", v: 2, kind: "d" },
      ]),
    ).toEqual(["done", "done"]);
    // Nothing says any more that there was a later version.
    expect(await send([{ id: "a", v: 1 }])).toEqual(["done"]);
    expect(await stored(name, "a")).toMatchObject({ v: { N: "1" } });
  });

  it("is Misconfigured without a table", async () => {
    const table = new ConditionalTable(client, { ...APPEND_ONCE, table: "missing" });
    await expect(kinds(table, [{ id: "a" }, { id: "b" }], APPEND_ONCE)).rejects.toThrow(Misconfigured);
  });

  const event = fc.record({
    id: fc.constantFrom("a", "b", "c", "d"),
    v: fc.nat({ max: 4 }),
    x: fc.oneof(fc.nat({ max: 1 }), fc.constant("é'\"")),
    kind: fc.constantFrom("c", "d"),
  });
  /** One event a key. */
  const batch = fc.uniqueArray(event, { selector: ({ id }) => id, minLength: 1 });
  const more = fc.dictionary(fc.constantFrom("p", "q", "r-s", "t.u"), fc.nat({ max: 2 }));

  it.each<[string, StreamPolicy]>([
    ["append-once", APPEND_ONCE],
    ["latest", LATEST],
    ["latest, with deletes that leave nothing", LATEST_DELETING],
    [
      "latest, versions of two parts",
      policyOf({ mode: "latest", key: { id: "id" }, version: { from: ["v", "x"] }, required: ["v"] }),
    ],
  ])("makes the table that one conditional put after the other makes, %s", async (_what, policy) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(batch, more), { maxLength: 6 }), async (batches) => {
        const { table, name } = await newTable(policy);
        const model = new TableModel(policy);
        for (const [events, extra] of batches) {
          const numbers = events.map((one) => ({
            ...one,
            x: typeof one.x === "number" ? one.x : 2,
            ...extra,
          }));
          const answers = await table.write(writesOf(numbers, policy), signal);
          expect(readable(answers)).toEqual(
            readable(await model.table().write(writesOf(numbers, policy), signal)),
          );
        }
        for (const id of ["a", "b", "c", "d"]) {
          expect(await stored(name, id)).toEqual(model.items.get(JSON.stringify([id])));
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("ConditionalTable, by what AWS answers", () => {
  const { client, on, reset } = answeredClient();
  const table = new ConditionalTable(client, APPEND_ONCE);
  const two = [{ id: "a" }, { id: "b" }];
  beforeEach(reset);
  const answers = (...codes: readonly (string | undefined)[]) =>
    on("BatchExecuteStatement", {
      Responses: codes.map((Code) => (Code === undefined ? {} : { Error: { Code, Message: "no" } })),
    });

  it.each([
    ["ThrottlingError", false],
    ["ProvisionedThroughputExceeded", false],
    ["RequestLimitExceeded", false],
    ["TransactionConflict", false],
    ["ConditionalCheckFailed", false],
    ["InternalServerError", true],
  ])("tries a statement again after %s, and counts the others", async (code, mayBeApplied) => {
    answers(code, undefined);
    expect(await table.write(writesOf(two, APPEND_ONCE), signal)).toEqual([
      { kind: "again", mayBeApplied },
      { kind: "done" },
    ]);
  });

  it("takes all of it again when not every statement is answered", async () => {
    answers(undefined);
    expect(await kinds(table, two, APPEND_ONCE)).toEqual(["again", "again"]);
  });

  it("asks PutItem for the last word about a statement that is refused", async () => {
    answers("ValidationError", undefined);
    on("PutItem", {});
    expect(await kinds(table, two, APPEND_ONCE)).toEqual(["done", "done"]);
    on("PutItem", {
      __type: "com.amazon.coral.validate#ValidationException",
      message: "Item size has exceeded",
    });
    expect(await kinds(table, two, APPEND_ONCE)).toEqual(["refused", "done"]);
  });

  it.each([
    ["ResourceNotFound", Misconfigured],
    ["AccessDenied", Blocked],
  ])("throws where the table is to blame: %s", async (code, expected) => {
    answers(code, undefined);
    await expect(kinds(table, two, APPEND_ONCE)).rejects.toThrow(expected);
  });

  it("reads what an insert found, and tries again when that is gone", async () => {
    answers("DuplicateItem", "DuplicateItem");
    const stored: Record<string, AttributeValue> = { id: { S: "b" } };
    on("BatchGetItem", { Responses: { landed: [stored] } });
    expect(readable(await table.write(writesOf(two, APPEND_ONCE), signal))).toEqual([
      { kind: "again", mayBeApplied: false },
      { kind: "exists", stored },
    ]);
  });

  it("takes an older version that came in between for no conflict: it tries again", async () => {
    const latest = new ConditionalTable(client, LATEST);
    const older = { id: { S: "a" }, v: { N: "1" }, _version: { N: "1" } };
    on("BatchGetItem", { Responses: { landed: [] } }, { Responses: { landed: [older] } });
    answers("DuplicateItem", undefined);
    const events: JsonObject[] = [
      { id: "a", v: 2 },
      { id: "b", v: 1 },
    ];
    expect(await kinds(latest, events, LATEST)).toEqual(["again", "done"]);
  });

  it("tries again what the read did not come to", async () => {
    const latest = new ConditionalTable(client, LATEST);
    on("BatchGetItem", { Responses: {}, UnprocessedKeys: { landed: { Keys: [{ id: { S: "a" } }] } } });
    answers(undefined);
    const events: JsonObject[] = [
      { id: "a", v: 1 },
      { id: "b", v: 1 },
    ];
    expect(await kinds(latest, events, LATEST)).toEqual(["again", "done"]);
  });
});
