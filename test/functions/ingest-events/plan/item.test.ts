import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StreamPolicy } from "../../../../functions/ingest-events/config/policy.ts";
import { type Poison, Unfit } from "../../../../functions/ingest-events/decode/event.ts";
import {
  type JsonObject,
  type JsonValue,
  parseJson,
} from "../../../../functions/ingest-events/decode/json.ts";
import { ItemBuilder } from "../../../../functions/ingest-events/plan/attributes.ts";
import { toWrite } from "../../../../functions/ingest-events/plan/item.ts";
import { APPEND, LATEST, policyOf } from "../policies.ts";
import { decodedEvent, PLACE, SHARD } from "../records.ts";

const make = (event: JsonObject, policy: StreamPolicy = APPEND, sequence = "7", sub = 3) =>
  toWrite(decodedEvent(event, sequence, sub), policy, PLACE);

/** A write, with its item as DynamoDB would answer it. */
function written(event: JsonObject, policy?: StreamPolicy, sequence?: string) {
  const made = make(event, policy, sequence);
  if ("reason" in made) throw new Error(`poison: ${made.detail}`);
  return { ...made, item: made.item.attributes };
}

function poison(event: JsonObject, policy?: StreamPolicy): Pick<Poison, "reason" | "detail"> {
  const made = make(event, policy);
  if (!("reason" in made)) throw new Error("became an item");
  return { reason: made.reason, detail: made.detail };
}

describe("toWrite", () => {
  it("makes the whole event the item, with the id as its key", () => {
    const event = parseJson(
      '{"id":"e1","n":1.5,"big":12345678901234567890,"t":true,"z":null,"l":[1,{"a":"b"}],"m":{}}',
    );
    expect(written(event as JsonObject).item).toEqual({
      id: { S: "e1" },
      n: { N: "1.5" },
      big: { N: "12345678901234567890" },
      t: { BOOL: true },
      z: { NULL: true },
      l: { L: [{ N: "1" }, { M: { a: { S: "b" } } }] },
      m: { M: {} },
    });
  });

  it("writes an id that is a number as the text that it is", () => {
    expect(written(parseJson('{"id":1050118621198921728}') as JsonObject).item).toEqual({
      id: { S: "1050118621198921728" },
    });
  });

  it("makes the same item whichever record brings the event", () => {
    expect(written({ id: "e", a: 1 }, APPEND, "1").item).toEqual(
      written({ id: "e", a: 1 }, APPEND, "2").item,
    );
  });

  it.each([[{}], [{ id: null }], [{ id: "" }], [{ id: { a: 1 } }]])(
    "stands in for the id of %j with its place",
    (event) => {
      const write = written({ x: 1, ...event }, policyOf({ mode: "append", id: "id", fields: { x: "x" } }));
      expect(write).toMatchObject({
        item: { id: { S: `events/${SHARD}:7:3` }, x: { N: "1" } },
        idFromPosition: true,
        action: "put",
      });
    },
  );

  it("has an event without id quarantined where the policy says so", () => {
    const policy = policyOf({ mode: "append", id: "meta.id", withoutId: "quarantine" });
    expect(poison({ id: "x" }, policy)).toEqual({ reason: "no-id", detail: "no id at meta.id" });
  });

  it("chooses and renames fields, and leaves out those that are missing", () => {
    const policy = policyOf({
      mode: "append",
      id: "id",
      fields: { who: "user.name", first: "tags.0", gone: "no.such" },
    });
    expect(written({ id: "e", user: { name: "ada", age: 36 }, tags: ["x", "y"] }, policy).item).toEqual({
      id: { S: "e" },
      who: { S: "ada" },
      first: { S: "x" },
    });
  });

  it("does not find what every object inherits", () => {
    const policy = policyOf({ mode: "append", id: "id", fields: { a: "constructor", b: "list.length" } });
    expect(written({ id: "e", list: [1] }, policy).item).toEqual({ id: { S: "e" } });
  });

  it("calculates the time to live from the event's own time", () => {
    const policy = policyOf({ mode: "append", id: "id", timeToLive: { from: "at", days: 2 } });
    expect(written({ id: "e", at: "2024-05-01T12:00:00Z" }, policy).item.expiresAt).toEqual({
      N: "1714737600",
    });
  });

  it("keeps an event without a time, and says so", () => {
    const policy = policyOf({ mode: "append", id: "id", timeToLive: { from: "at", days: 2 } });
    expect(written({ id: "e", at: "soon" }, policy)).toMatchObject({
      item: { id: { S: "e" } },
      withoutTime: true,
    });
  });

  it("refuses an event whose own field would be lost under an attribute of the policy's", () => {
    const policy = policyOf({ mode: "append", id: "id", timeToLive: { from: "at", days: 2 } });
    expect(poison({ id: "e", at: "2024-05-01T12:00:00Z", expiresAt: "never" }, policy)).toMatchObject({
      reason: "refused",
      detail: expect.stringContaining("the event's own expiresAt would be lost"),
    });
  });

  it("stores an event's own expiresAt where no policy of the table sets a time to live", () => {
    expect(written({ id: "e", expiresAt: 5 }).item).toEqual({ id: { S: "e" }, expiresAt: { N: "5" } });
  });

  it("refuses an event whose own attribute DynamoDB would take for the time to live", () => {
    const policy = policyOf({ mode: "append", id: "id", timeToLive: { from: "at", days: 2 } });
    // It has no time, so the policy writes none; its own is a discount's, not the item's.
    expect(poison({ id: "e", expiresAt: 1_700_000_000 }, policy)).toMatchObject({ reason: "refused" });
  });

  it("stores a version beside the event", () => {
    expect(written({ id: "e", v: 12 }, LATEST)).toMatchObject({
      item: { id: { S: "e" }, v: { N: "12" }, _version: { N: "12" } },
      version: { N: "12" },
    });
  });

  it("reads a time as version, to its last digit", () => {
    const policy = policyOf({ mode: "latest", key: { id: "id" }, version: { from: "at", format: "iso" } });
    expect(written({ id: "e", at: "2024-05-01T12:00:00.123456Z" }, policy).version).toEqual({
      N: "1714564800123456E-3",
    });
  });

  it.each([[{ id: "e" }], [{ id: "e", v: "x" }], [{ id: "e", v: true }]])(
    "quarantines %j: it has no version",
    (event) =>
      expect(poison(event, LATEST)).toEqual({ reason: "no-version", detail: "no version (number) at v" }),
  );

  it.each([
    [{ v: 1 }, "id is missing"],
    [{ v: 1, id: "" }, "id is empty"],
    [{ v: 1, id: null }, "id is null"],
    [{ v: 1, id: [] }, "id is neither a text nor a number"],
    [{ v: 1, id: "\ud800" }, "id holds half a surrogate pair"],
  ])("quarantines %j: it has no key", (event, why) =>
    expect(poison(event, LATEST)).toEqual({
      reason: "no-key",
      detail: `no value for the key attribute id: ${why}`,
    }),
  );

  it("sorts by sequence number as numbers do, whatever their length", () => {
    const policy = policyOf({ mode: "latest", key: { id: "id" }, version: { from: "$sequence" } });
    const version = (sequence: bigint, sub: number) => {
      const made = make({ id: "e" }, policy, String(sequence), sub);
      return "reason" in made ? "" : (made.version?.S ?? "");
    };
    const place = fc.tuple(fc.bigInt({ min: 0n, max: 10n ** 56n }), fc.nat());
    fc.assert(
      fc.property(place, place, (a, b) => {
        const expected = a[0] === b[0] ? a[1] < b[1] : a[0] < b[0];
        expect(version(...a) < version(...b)).toBe(expected);
      }),
    );
  });
});

describe("the key as a tuple", () => {
  const policy = policyOf(
    { mode: "latest", key: { a: "a", b: "b" }, version: { from: "v" } },
    { partitionKey: "a", sortKey: "b" },
  );

  it("is the same only for the same parts, never for the same joined text", () => {
    const part = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(":", "$", "1", "2", "a") });
    fc.assert(
      fc.property(part, part, part, part, (a, b, c, d) => {
        const same = written({ a, b, v: 1 }, policy).key === written({ a: c, b: d, v: 1 }, policy).key;
        expect(same).toBe(a === c && b === d);
      }),
      { numRuns: 2000 },
    );
  });

  it("keeps tuples apart whose parts, joined by anything, are one text", () => {
    const text = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(":", "$", "1", "2", "a") });
    const separator = fc.oneof(fc.constantFrom("", ":", "$", "1:", "2:", "3:"), text);
    fc.assert(
      fc.property(text, text, text, separator, (x, y, z, by) => {
        const [one, other] = [
          { a: x, b: y + by + z },
          { a: x + by + y, b: z },
        ];
        expect(written({ ...one, v: 1 }, policy).key).not.toBe(written({ ...other, v: 1 }, policy).key);
      }),
      { numRuns: 2000 },
    );
  });

  it("is the same for one number written in two ways", () => {
    const numbers = policyOf(
      { mode: "latest", key: { n: "n" }, version: { from: "v" } },
      { partitionKey: { name: "n", type: "number" } },
    );
    const key = (n: JsonValue) => written({ n, v: 1 }, numbers).key;
    expect(key("1.50")).toBe(key(1.5));
  });
});

describe("what DynamoDB would refuse", () => {
  const nested = (levels: number): JsonValue => (levels === 0 ? 1 : { a: nested(levels - 1) });

  it.each([
    ["an item over 400 KB", { x: "y".repeat(409_600) }, /^the item has 40\d{4} bytes/],
    [
      "a number of 39 digits",
      parseJson(`{"x":[${"9".repeat(39)}]}`) as JsonObject,
      /^x: a number of 39 digits/,
    ],
    ["a number beyond 1E125", { x: 1e300 }, /^x: a number of the order of 1E300/],
    ["half a surrogate pair", { x: { y: "\udc00" } }, /^y: half a surrogate pair/],
    ["half a surrogate pair in a long text", { x: `\ud800${"é".repeat(100)}` }, /^x: half a surrogate pair/],
    ["an empty attribute name", { x: { "": 1 } }, /^an attribute with an empty name/],
    [
      "a name that objects cannot hold",
      parseJson('{"x":{"__proto__":1}}') as JsonObject,
      /^an attribute named __proto__/,
    ],
    ["33 levels", { x: nested(33) }, /^a: nested deeper than 32 levels/],
    ["a partition key over 2,048 bytes", { id: "é".repeat(1025) }, /^the key attribute id has 2050 bytes/],
  ])("is found before the call: %s", (_what, event, detail) => {
    const found = poison({ id: "e", ...event });
    expect(found).toEqual({ reason: "refused", detail: expect.stringMatching(detail) });
  });

  it("finds a sort key over 1,024 bytes", () => {
    const policy = policyOf(
      { mode: "append", id: "id", key: { user: "user", id: "$id" } },
      { partitionKey: "user", sortKey: "id" },
    );
    expect(poison({ user: "u", id: "x".repeat(1025) }, policy).detail).toMatch(
      /^the key attribute id has 1025 bytes/,
    );
  });

  it.each([
    ["a partition key of 2,048 bytes", { id: "x".repeat(2048) }],
    ["32 levels", { id: "e", x: nested(32) }],
    ["an item just under 400 KB", { id: "e", x: "y".repeat(409_590) }],
    ["a whole emoji, an empty text, an empty list", { id: "e", x: "👍", y: "", z: [] }],
  ])("is not found where there is nothing: %s", (_what, event) => {
    expect(written(event).item.id).toBeDefined();
  });
});

describe("ItemBuilder", () => {
  it("never counts fewer bytes than the texts and names of the value have", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const item = new ItemBuilder();
        try {
          item.add("x", value as JsonValue);
        } catch (error) {
          // DynamoDB would refuse it, and its size says nothing.
          expect(error).toBeInstanceOf(Unfit);
          return;
        }
        expect(item.bytes).toBeGreaterThanOrEqual(textBytes(value) + 1);
      }),
    );
  });

  it.each([
    ["text", "é", 1 + 2],
    ["null", null, 1 + 1],
    ["a list", [true, false], 1 + 3 + 2 + 2],
    ["a map", { ab: "c" }, 1 + 3 + 1 + 2 + 1],
    ["a number", 1234, 1 + 4],
  ])("counts %s as DynamoDB does", (_what, value, bytes) => {
    const item = new ItemBuilder();
    item.add("x", value);
    expect(item.bytes).toBe(bytes);
  });
});

function textBytes(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + textBytes(one), 0);
  if (typeof value !== "object" || value === null) return 0;
  return Object.entries(value).reduce(
    (sum, [name, one]) => sum + Buffer.byteLength(name) + textBytes(one),
    0,
  );
}
