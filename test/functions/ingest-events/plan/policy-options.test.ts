import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../functions/ingest-events/decode/json.ts";
import { toWrite, type Write } from "../../../../functions/ingest-events/plan/item.ts";
import { compareVersions } from "../../../../functions/ingest-events/plan/version.ts";
import { classifyExisting } from "../../../../functions/ingest-events/write/classify-existing.ts";
import { storedItem } from "../dynamo-answers.ts";
import { LATEST_DELETING, policyOf } from "../policies.ts";
import { decodedEvent, PLACE, SHARD } from "../records.ts";

const made = (event: JsonObject, policy = policyOf({ mode: "append", id: "id" }), sequence = "7"): Write => {
  const write = toWrite(decodedEvent(event, sequence), policy, PLACE);
  if ("reason" in write) throw new Error(`${write.reason}: ${write.detail}`);
  return write;
};
const itemOf = (...given: Parameters<typeof made>) => made(...given).item.attributes;

describe("fields", () => {
  it("take constants, what the record says, and names with dots", () => {
    const policy = policyOf({
      mode: "append",
      id: "id",
      fields: {
        kind: { constant: "order" },
        count: { constant: 3 },
        at: "$arrivedAt",
        by: "$partitionKey",
        where: "$sequence",
        of: "$stream",
        dotted: "a\\.b.c",
      },
    });
    expect(itemOf({ id: "e", "a.b": { c: 1 } }, policy)).toEqual({
      id: { S: "e" },
      kind: { S: "order" },
      count: { N: "3" },
      at: { S: "2023-11-14T22:13:20.123Z" },
      by: { S: "pk" },
      where: { S: `events/${SHARD}:7:0` },
      of: { S: "events" },
      dotted: { N: "1" },
    });
  });

  it("store times in another format, and no event whose time is none", () => {
    const policy = policyOf({
      mode: "append",
      id: "id",
      fields: {
        at: { from: "time.sent", format: "seconds", as: "iso" },
        arrived: { from: "$arrivedAt", as: "milliseconds" },
      },
    });
    expect(policy.ofPlace).toEqual(["arrived"]);
    expect(itemOf({ id: "e", time: { sent: 1_700_000_000 } }, policy)).toEqual({
      id: { S: "e" },
      at: { S: "2023-11-14T22:13:20.000Z" },
      arrived: { N: "1700000000123" },
    });
    expect(itemOf({ id: "e" }, policy)).not.toHaveProperty("at");
    expect(itemOf({ id: "e", time: { sent: null } }, policy)).toMatchObject({ at: { NULL: true } });
    expect(() => itemOf({ id: "e", time: { sent: "today" } }, policy)).toThrow(
      "no-field: the value at time.sent is not a time in seconds",
    );
  });

  it("that say where a record stood make no conflict of a producer's retry", () => {
    const policy = policyOf({ mode: "append-once", id: "id", fields: { x: "x", where: "$sequence" } });
    const retry = made({ id: "e", x: 1 }, policy, "9");
    expect(classifyExisting(policy, retry, storedItem(itemOf({ id: "e", x: 1 }, policy)))).toBe("duplicate");
    expect(classifyExisting(policy, retry, storedItem(itemOf({ id: "e", x: 2 }, policy)))).toBe("conflict");
  });
});

describe("required", () => {
  const policy = policyOf({ mode: "append", id: "id", required: ["user.name"] });
  it("lets an event with the field pass", () => {
    expect(itemOf({ id: "e", user: { name: "" } }, policy)).toBeDefined();
  });
  it.each([[{}], [{ user: {} }], [{ user: { name: null } }], [{ user: "x" }]])("quarantines %j", (event) => {
    expect(() => made({ id: "e", ...event }, policy)).toThrow("no-field: no value at user.name");
  });
});

describe("versions of several parts", () => {
  const policy = policyOf({ mode: "latest", key: { id: "id" }, version: { from: ["a", "b"] } });
  const order = (x: readonly [number, number], y: readonly [number, number]) => {
    const version = ([a, b]: readonly [number, number]) => made({ id: "e", a, b }, policy).version;
    const [first, second] = [version(x), version(y)];
    return Math.sign((first && compareVersions(first, second)) ?? Number.NaN);
  };

  it("compare one after the other, as numbers do", () => {
    const number = fc
      .oneof(
        fc.integer({ min: -50, max: 50 }),
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e100, max: 1e100 }),
        fc.constantFrom(0, 1e-100, -1e-100, 0.1, 0.12, 10, 100),
      )
      .filter((value) => value === 0 || Math.abs(value) > 1e-120);
    const pair = fc.tuple(number, number);
    fc.assert(
      fc.property(pair, pair, (x, y) => {
        const expected = Math.sign(x[0] - y[0]) || Math.sign(x[1] - y[1]);
        expect(order(x, y)).toBe(expected + 0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a tie of versions", () => {
  const versionOf = (policy: ReturnType<typeof policyOf>, sequence: string) =>
    made({ id: "pk", v: 5 }, policy, sequence).version;

  it("is broken by the sequence where the key is the partition key", () => {
    const policy = policyOf({
      mode: "latest",
      key: { id: "$partitionKey" },
      version: { from: "v" },
      fields: { v: "v" },
    });
    const [earlier, later] = [versionOf(policy, "99"), versionOf(policy, "100")];
    expect(earlier && compareVersions(earlier, later)).toBe(-1);
  });

  it.each([
    ["where it is another key", { key: { id: "id" } }],
    ["where the policy says so", { key: { id: "$partitionKey" }, version: { from: "v", tieBreak: "none" } }],
  ])("stays a tie %s", (_what, more) => {
    const policy = policyOf({ mode: "latest", version: { from: "v" }, fields: { v: "v" }, ...more });
    const [earlier, later] = [versionOf(policy, "99"), versionOf(policy, "100")];
    expect(earlier && compareVersions(earlier, later)).toBe(0);
  });
});

describe("deletes", () => {
  const policy = policyOf({
    mode: "latest",
    key: { id: "id" },
    version: { from: "v" },
    deletes: { when: { gone: [true] }, keepDays: 1 },
  });

  it("leave a tombstone with the key, the version and a time to live", () => {
    expect(itemOf({ id: "e", v: 5, gone: true, x: 1 }, policy)).toEqual({
      id: { S: "e" },
      _version: { N: "5" },
      _deleted: { BOOL: true },
      expiresAt: { N: String(1_700_000_000 + 86_400) },
    });
  });

  it("leave nothing where no tombstone is kept", () => {
    const { action, version } = made({ id: "e", v: 5, kind: "d", x: 1 }, LATEST_DELETING);
    expect({ action, version }).toEqual({ action: "delete", version: { N: "5" } });
    expect(made({ id: "e", v: 5, kind: "c" }, LATEST_DELETING).action).toBe("put");
    expect(made({ id: "e", v: 5, gone: true }, policy).action).toBe("put");
  });

  it("leave other events as they are", () => {
    expect(itemOf({ id: "e", v: 5, gone: false }, policy)).not.toHaveProperty("_deleted");
  });

  it("come of change data by themselves, with its version", () => {
    const changes = policyOf({
      mode: "latest",
      format: "debezium",
      key: { id: "id" },
      version: { from: "$record.source.lsn" },
    });
    const decoded = {
      ...decodedEvent({ id: "e" }),
      change: { operation: "delete" as const, record: { source: { lsn: 77 } } },
    };
    const write = toWrite(decoded, changes, PLACE);
    expect("item" in write && write.item.attributes).toEqual({
      id: { S: "e" },
      _version: { N: "77" },
      _deleted: { BOOL: true },
    });
  });
});
