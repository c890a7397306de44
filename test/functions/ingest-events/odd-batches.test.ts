/** Batches as no producer should send them, and some do: what becomes of every event, from the policy as it stands in the config to the table. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  type KinesisRecord,
  readKinesisEvent,
} from "../../../functions/ingest-events/decode/kinesis-event.ts";
import type { Item } from "../../../functions/ingest-events/plan/encoded-item.ts";
import type { QuarantinedRecord } from "../../../functions/ingest-events/quarantine/quarantine.ts";
import { ingest } from "../../../functions/ingest-events/run/pipeline.ts";
import { aggregate } from "../../../sandbox/kinesis/kpl-aggregate.ts";
import { budgetOfMs } from "./budgets.ts";
import { landingOf } from "./policies.ts";
import { kinesisEvent, kinesisRecord } from "./records.ts";
import { runStandIn } from "./run-stand-in.ts";
import { TableModel } from "./table-model.ts";

const PARTS = ["Stored", "Duplicates", "Superseded", "Conflicts", "Quarantined", "Dropped", "Unfinished"];

type Sent = object | string | Uint8Array;
/** By default the records of a batch have the sequence numbers 1, 2, 3. */
type Batch = readonly (Sent | KinesisRecord)[];

interface Landed {
  /** By their key. */
  readonly items: Readonly<Record<string, Item>>;
  readonly rejected: readonly [reason: string, sequenceNumber: string][];
  /** Those that are not zero. */
  readonly counts: Readonly<Record<string, number>>;
  readonly reported: readonly string[];
}

const isRecord = (sent: Sent | KinesisRecord): sent is KinesisRecord =>
  typeof sent === "object" && "kinesis" in sent;
const bytesOf = (sent: Sent) =>
  typeof sent === "string" || sent instanceof Uint8Array ? sent : JSON.stringify(sent);

/** Lands batches one after the other in a table that is empty at first. */
async function landed(stream: object, batches: readonly Batch[], table?: object): Promise<Landed> {
  const landing = landingOf(stream, table);
  const policy = landing.routes.find((route) => route.policy !== undefined)?.policy;
  if (policy === undefined) throw new Error("nothing is landed");
  const model = new TableModel(policy);
  const run = runStandIn();
  const quarantined: QuarantinedRecord[] = [];
  const quarantine = {
    send: async (bodies: readonly string[]) => {
      quarantined.push(...bodies.map((body) => JSON.parse(body)));
      return [];
    },
    store: async (key: string) => ({ bucket: "b", key }),
  };
  const reported: string[] = [];
  for (const sent of batches) {
    const records = sent.map((one, index) =>
      isRecord(one) ? one : kinesisRecord(bytesOf(one), String(index + 1)),
    );
    const batch = readKinesisEvent(kinesisEvent(records));
    if (batch === undefined) throw new Error("no records");
    const context = {
      ...{ landing, quarantine, budget: () => budgetOfMs(10_000), observeOnly: false },
      tableOf: (_policy: unknown, redrive: object | undefined) =>
        model.table(undefined, redrive === undefined ? "by its mode" : "on condition"),
    };
    const { batchItemFailures } = await ingest(batch, context, run);
    reported.push(...batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  }
  const { Received = 0, ...counts } = Object.fromEntries(run.counts);
  expect(PARTS.reduce((sum, name) => sum + (counts[name] ?? 0), 0)).toBe(Received);
  expect(model.violations).toEqual([]);
  return {
    items: Object.fromEntries([...model.items].map(([key, item]) => [JSON.parse(key).join("/"), item])),
    rejected: quarantined.map(({ reason, sequenceNumber }) => [reason, sequenceNumber]),
    counts: Object.fromEntries(
      Object.entries(counts).filter(([name, count]) => PARTS.includes(name) && count > 0),
    ),
    reported,
  };
}

const ONCE = { mode: "append-once", id: "id" };
const APPEND = { mode: "append", id: "id" };
const LATEST = { mode: "latest", key: { id: "id" }, version: { from: "v" } };
const EXPIRING = { ...ONCE, timeToLive: { from: "at", days: 1 } };
const sub = (...datas: readonly Sent[]) =>
  aggregate(datas.map((data) => ({ partitionKey: "k", data: Buffer.from(bytesOf(data)) })));

describe("what is in one another", () => {
  const bomb = gzipSync(`{"id":"bomb","a":[${Array(1_500_000).fill("{}").join(",")}]}`);

  it("lands what is beside a bomb in an aggregate", async () => {
    const { items, rejected } = await landed(ONCE, [
      [sub({ id: "a" }, bomb, gzipSync('{"id":"b"}')), { id: "c" }],
    ]);
    expect(Object.keys(items)).toEqual(["a", "b", "c"]);
    expect(rejected).toEqual([["too-large", "1"]]);
  });

  it.each<[string, Uint8Array, string]>([
    ["an aggregate in gzip", gzipSync(sub({ id: "a" })), "not-json"],
    ["an aggregate in an aggregate", sub(sub({ id: "a" })), "not-json"],
    ["gzip in gzip in an aggregate", sub(gzipSync(gzipSync('{"id":"a"}'))), "not-json"],
    ["base64 of gzip", Buffer.from(gzipSync('{"id":"a"}').toString("base64")), "not-json"],
    ["gzip that breaks off, in an aggregate", sub(gzipSync('{"id":"a"}').subarray(0, 15)), "bad-gzip"],
    ["gzip of a bomb of white space", gzipSync(`${" ".repeat(5_000_000)}{"id":"a"}`), "too-large"],
    ["a text that is all one number", Buffer.from(`{"id":"a","n":${"9".repeat(39)}}`), "refused"],
  ])("quarantines %s", async (_what, data, reason) => {
    expect(await landed(ONCE, [[data]])).toMatchObject({
      items: {},
      rejected: [[reason, "1"]],
      reported: [],
    });
  });

  it("takes gzip in an aggregate whose lines are events", async () => {
    const lines = gzipSync('{"id":"a"}\n{"id":"b"}\n\n{"id":"a"}');
    const { items, counts } = await landed({ ...ONCE, explode: "lines" }, [[sub(lines, '{"id":"c"}')]]);
    expect(Object.keys(items)).toEqual(["a", "b", "c"]);
    expect(counts).toEqual({ Stored: 3, Duplicates: 1 });
  });
});

describe("one event several times in a batch", () => {
  it.each<[string, object, Batch, object]>([
    [
      "append",
      APPEND,
      [{ id: "a" }, { id: "a" }, sub({ id: "a" }, { id: "a" })],
      { Stored: 1, Duplicates: 3 },
    ],
    [
      "append, with other content",
      APPEND,
      [
        { id: "a", n: 1 },
        { id: "a", n: 2 },
        { id: "a", n: 1 },
      ],
      { Stored: 1, Duplicates: 1, Conflicts: 1 },
    ],
    [
      "append-once, numbers written otherwise",
      ONCE,
      ['{"id":"a","n":1.50}', '{"id":"a","n":15e-1}'],
      { Stored: 1, Duplicates: 1 },
    ],
    [
      "append-once, members in another order",
      ONCE,
      ['{"id":"a","x":1,"y":2}', '{"y":2,"x":1,"id":"a"}'],
      { Stored: 1, Duplicates: 1 },
    ],
    [
      "append-once, elements in another order",
      ONCE,
      ['{"id":"a","x":[1,2]}', '{"id":"a","x":[2,1]}'],
      { Stored: 1, Conflicts: 1 },
    ],
    [
      "append-once, null and missing",
      ONCE,
      ['{"id":"a","x":null}', '{"id":"a"}'],
      { Stored: 1, Conflicts: 1 },
    ],
    [
      "append-once, a text and a number as id",
      ONCE,
      ['{"id":"7"}', '{"id":7}'],
      { Stored: 1, Duplicates: 1 },
    ],
    [
      "latest, the older last",
      LATEST,
      [
        { id: "a", v: 2 },
        { id: "a", v: 1 },
      ],
      { Stored: 1, Superseded: 1 },
    ],
    [
      "latest, one version, other content",
      LATEST,
      [
        { id: "a", v: 1, x: 1 },
        { id: "a", v: 1, x: 2 },
      ],
      { Stored: 1, Conflicts: 1 },
    ],
    [
      "latest, one version written otherwise",
      LATEST,
      ['{"id":"a","v":10}', '{"id":"a","v":1e1}'],
      { Stored: 1, Duplicates: 1 },
    ],
  ])("in %s", async (_what, stream, batch, counts) => {
    expect((await landed(stream, [batch])).counts).toEqual(counts);
  });
});

describe("which of two is later", () => {
  const byPartition = { mode: "latest", key: { id: "$partitionKey" }, version: { from: "v" } };
  const at = (sequenceNumber: string, data: Sent) => kinesisRecord(bytesOf(data), sequenceNumber, "k");
  const child = `4${"9".repeat(55)}`;
  const longer = `1${"0".repeat(56)}`;

  it.each<[string, Batch[], string]>([
    ["by their place in an aggregate", [[at("5", sub({ v: 1, x: "1st" }, { v: 1, x: "2nd" }))]], "2nd"],
    [
      "the tenth place in an aggregate is later than the second",
      [[at("5", sub(...Array.from({ length: 11 }, (_none, index) => ({ v: 1, x: String(index) }))))]],
      "10",
    ],
    [
      "an aggregate of the child shard is later than the parent's",
      [[at(child, { v: 1, x: "parent" })], [at(longer, sub({ v: 1, x: "child 0" }, { v: 1, x: "child 1" }))]],
      "child 1",
    ],
    [
      "the parent's that comes late does not take its place",
      [[at(longer, { v: 1, x: "child" })], [at(child, sub({ v: 1, x: "0" }, { v: 1, x: "1" }))]],
      "child",
    ],
    [
      "a greater version wins over a later place",
      [[at("9", { v: 2, x: "v2" })], [at("10", { v: 1, x: "v1" })]],
      "v2",
    ],
  ])("%s", async (_what, batches, expected) => {
    const { items, rejected } = await landed(byPartition, batches);
    expect([items.k?.x?.S, rejected]).toEqual([expected, []]);
  });

  const compound = { mode: "latest", key: { id: "id" }, version: { from: ["a", "b"] } };
  it.each<[string, string, string]>([
    ['{"a":9,"b":1}', '{"a":10,"b":0}', "later"],
    ['{"a":1,"b":-2}', '{"a":1,"b":-1}', "later"],
    ['{"a":-0.5,"b":1}', '{"a":0,"b":-1}', "later"],
    ['{"a":"9","b":1}', '{"a":"10","b":1}', "later"],
    ['{"a":9007199254740992,"b":1}', '{"a":9007199254740993,"b":0}', "later"],
    ['{"a":1e-130,"b":0}', '{"a":9.9e125,"b":0}', "later"],
    ['{"a":1.10,"b":"3"}', '{"a":1.1,"b":3.0}', "same"],
    ['{"a":2,"b":1}', '{"a":1,"b":99999999999999999999999999999999999999}', "older"],
  ])("of %s and %s, the second is %s", async (first, second, order) => {
    const events = [first, second].map((text, index) => text.replace("{", `{"id":"x","which":${index},`));
    const { items, counts } = await landed(
      compound,
      events.map((event) => [event]),
    );
    expect(items.x?.which?.N).toBe(order === "later" ? "1" : "0");
    expect(counts).toEqual(
      { later: { Stored: 2 }, same: { Stored: 1, Conflicts: 1 }, older: { Stored: 1, Superseded: 1 } }[order],
    );
  });

  it.each([
    '{"id":"x","a":1}',
    '{"id":"x","a":1,"b":true}',
    '{"id":"x","a":1,"b":"1 "}',
    '{"id":"x","a":1,"b":[1]}',
    '{"id":"x","a":1,"b":1e126}',
  ])("quarantines %s, which has no version of two parts", async (event) =>
    expect((await landed(compound, [[event]])).rejected).toEqual([["no-version", "1"]]),
  );
});

describe("numbers and keys", () => {
  const byNumber = { partitionKey: { name: "id", type: "number" } };
  const strict = { ...ONCE, withoutId: "quarantine" };

  it.each([
    ["9007199254740993", "9007199254740993"],
    ["12345678901234567890123456789012345678", "12345678901234567890123456789012345678"],
    ["-0.00000000000000000000000000000000000001", "-1e-38"],
    ["1E+10", "10000000000"],
  ])("keeps the id %s with all its digits", async (number, expected) => {
    const { items, rejected } = await landed(strict, [[`{"id":${number}}`]], byNumber);
    expect([Object.values(items).map(({ id }) => id?.N), rejected]).toEqual([[expected], []]);
  });

  it("takes two ways to write one number for one key", async () => {
    const batch = ['{"id":100}', '{"id":1e2}', '{"id":"100.0"}', '{"id":1.00e2}'];
    expect((await landed(strict, [batch], byNumber)).counts).toEqual({ Stored: 1, Duplicates: 3 });
  });

  it.each<[string, object, unknown, object | undefined, string]>([
    ["an empty text as id", strict, { id: "" }, undefined, "no-id"],
    [
      "an empty text as the sort key",
      { ...LATEST, key: { id: "id", at: "at" } },
      { id: "a", at: "", v: 1 },
      { partitionKey: "id", sortKey: "at" },
      "no-key",
    ],
    ["a list as id", strict, { id: ["a"] }, undefined, "no-id"],
    ["a number of 39 digits as id", strict, `{"id":${"1".repeat(39)}}`, byNumber, "no-key"],
    ["a text that is no number as a number", strict, { id: "0x10" }, byNumber, "no-key"],
    ["true as a number", LATEST, { id: true, v: 1 }, byNumber, "no-key"],
    ["half a surrogate pair as id", strict, '{"id":"\\ud800"}', undefined, "no-key"],
    [
      "1,025 bytes as the sort key",
      { ...LATEST, key: { id: "id", at: "at" } },
      { id: "a", at: "é".repeat(513), v: 1 },
      { partitionKey: "id", sortKey: "at" },
      "refused",
    ],
    [
      "base64 that is not, as bytes",
      LATEST,
      { id: "YQ", v: 1 },
      { partitionKey: { name: "id", type: "binary" } },
      "no-key",
    ],
  ])("quarantines %s", async (_what, stream, event, table, reason) => {
    expect(await landed(stream, [[event as Sent]], table)).toMatchObject({
      items: {},
      rejected: [[reason, "1"]],
    });
  });

  it("gives an event with an empty id its place as one", async () => {
    const { items } = await landed(ONCE, [[{ id: "", x: 1 }, { x: 2 }]], { partitionKey: "pk" });
    expect(Object.values(items).map(({ x }) => x?.N)).toEqual(["1", "2"]);
  });
});

describe("the time to live", () => {
  it.each<[string, object, object, string[]]>([
    [
      "the event's own attribute of its name",
      EXPIRING,
      { id: "a", at: "2026-11-21T12:00:00Z", expiresAt: 1 },
      ["refused"],
    ],
    ["the same, as null", EXPIRING, { id: "a", expiresAt: null }, ["refused"]],
    ["none where no stream sets one", ONCE, { id: "a", expiresAt: 1 }, []],
    ["a time that is none: it stays", EXPIRING, { id: "a", at: "2026-02-30T00:00:00Z" }, []],
    ["a time before 1970", EXPIRING, { id: "a", at: "1969-12-31T00:00:00Z" }, []],
  ])("%s", async (_what, stream, event, reasons) => {
    const { rejected, items } = await landed(stream, [[event]]);
    expect(rejected.map(([reason]) => reason)).toEqual(reasons);
    expect(Object.keys(items)).toHaveLength(reasons.length === 0 ? 1 : 0);
  });
});

describe("routes", () => {
  const to = (mode: string, when?: object) => ({ mode, table: "landed", id: "id", ...(when && { when }) });
  it("counts what is dropped once, also when it took another route before", async () => {
    const routes = [
      to("append-once", { kind: ["a"] }),
      { mode: "drop", when: { n: [{ numeric: [">", 1] }] } },
      to("append-once", { kind: [{ exists: true }] }),
    ];
    const batch = [
      { id: "1", kind: "a", n: 2 },
      { id: "2", kind: "b", n: 2 },
      { id: "3", kind: "b", n: 1 },
      { id: "4", n: 1 },
    ];
    const { items, counts, rejected } = await landed({ mode: "route", routes }, [batch]);
    expect(Object.keys(items)).toEqual(["1", "3"]);
    expect(counts).toEqual({ Stored: 2, Dropped: 1, Quarantined: 1 });
    expect(rejected).toEqual([["no-route", "4"]]);
  });

  it("drops everything where all is to be dropped, bombs excepted", async () => {
    const routes = [{ mode: "drop" }, to("append")];
    expect(
      (await landed({ mode: "route", routes }, [[{ id: "1" }, "x", sub({ id: "2" }, "y")]])).counts,
    ).toEqual({ Dropped: 2, Quarantined: 2 });
  });
});

describe("a record of several events", () => {
  const list = { ...ONCE, explode: "array" };
  const ids = (count: number) => Array.from({ length: count }, (_none, index) => ({ id: `e${index}` }));

  it("of none is dropped and acknowledged", async () => {
    expect(await landed(list, [[[], "[ ]", sub([], [])]])).toMatchObject({
      counts: { Dropped: 4 },
      rejected: [],
      reported: [],
    });
  });

  it("of 10,001 is landed whole", async () => {
    const { items, counts } = await landed(list, [[ids(10_001)]]);
    expect([Object.keys(items).length, counts]).toEqual([10_001, { Stored: 10_001 }]);
  });

  it("of eleven that are no events goes to the quarantine as one, and the others are landed", async () => {
    const { counts, rejected, items } = await landed(list, [
      [
        [...Array(11).fill(1), { id: "a" }],
        [2, { id: "b" }],
      ],
    ]);
    expect(Object.keys(items)).toEqual(["a", "b"]);
    expect([counts, rejected]).toEqual([
      { Stored: 2, Quarantined: 12 },
      [
        ["not-json", "2"],
        ["not-json", "1"],
      ],
    ]);
  });

  it("gives each without an id a place of its own", async () => {
    const { items } = await landed(list, [[[{ x: 1 }, { x: 1 }], sub([{ x: 1 }], [{ x: 1 }])]]);
    expect(Object.keys(items)).toHaveLength(4);
  });
});

describe("a delete of Debezium without before", () => {
  const changes = (id: string) => ({
    mode: "latest",
    format: "debezium",
    key: { id },
    version: { from: "$record.ts_ms" },
  });
  const of = (key: string, change: object, sequence = "1") =>
    kinesisRecord(JSON.stringify(change), sequence, key);
  const mongo = { source: { connector: "mongodb" }, before: null, after: null };
  const oid = '{"id":"{\\"$oid\\":\\"65f0\\"}"}';

  it("of MongoDB leaves a tombstone where the document was", async () => {
    const insert = of(oid, {
      op: "c",
      ts_ms: 1,
      after: '{"_id":{"$oid":"65f0"},"n":1}',
      source: { connector: "mongodb" },
    });
    const { items, counts } = await landed(changes("_id.\\$oid"), [
      [insert],
      [of(oid, { op: "d", ts_ms: 2, ...mongo })],
    ]);
    expect(items).toEqual({ "65f0": { id: { S: "65f0" }, _version: { N: "2" }, _deleted: { BOOL: true } } });
    expect(counts).toEqual({ Stored: 2 });
  });

  it.each<[string, string, string, string]>([
    ["a text as _id", '{"id":"\\"abc\\""}', "_id", "abc"],
    ["a 64-bit number as _id", '{"id":"1050118621198921729"}', "_id", "1050118621198921729"],
    ["the key with its schema", '{"schema":{},"payload":{"id":"\\"abc\\""}}', "_id", "abc"],
    ["the partition key itself", oid, "$partitionKey", oid],
  ])("of MongoDB is known by %s", async (_what, key, from, expected) => {
    const { items } = await landed(changes(from), [[of(key, { op: "d", ts_ms: 2, ...mongo })]]);
    expect(Object.keys(items)).toEqual([expected]);
  });

  it("of a table without full replica identity is known by its key, whose values stay what they are", async () => {
    const deleted = of('{"id":"7","tenant":"a"}', {
      op: "d",
      ts_ms: 2,
      before: null,
      source: { connector: "postgresql" },
    });
    expect(Object.keys((await landed(changes("id"), [[deleted]])).items)).toEqual(["7"]);
  });

  it.each<[string, string]>([
    ["no JSON", "bad-change"],
    ["{}", "bad-change"],
    ["5", "bad-change"],
    ['{"other":1}', "no-key"],
    ["null", "bad-change"],
  ])("is quarantined where the partition key is %s", async (key, reason) => {
    expect((await landed(changes("id"), [[of(key, { op: "d", ts_ms: 2, ...mongo })]])).rejected).toEqual([
      [reason, "1"],
    ]);
  });
});

describe("a redrive", () => {
  it("of a conflict in append overwrites nothing, and of a batch with the clock elsewhere changes nothing", async () => {
    const late = (data: Sent, seconds: number) => {
      const record = kinesisRecord(bytesOf(data));
      return { kinesis: { ...record.kinesis, approximateArrivalTimestamp: seconds } };
    };
    const event = { id: "a", at: "2026-11-21T12:00:00Z" };
    const batches = [[late(event, 1)], [late(event, 4_000_000_000)], [late(event, 0)]];
    const { counts, items } = await landed(EXPIRING, batches);
    expect(counts).toEqual({ Stored: 1, Duplicates: 2 });
    expect(items.a?.expiresAt).toEqual({ N: String(Date.parse(event.at) / 1000 + 86_400) });
  });
});
