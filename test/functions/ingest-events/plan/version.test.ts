import { describe, expect, it } from "vitest";
import type { VersionPolicy } from "../../../../functions/ingest-events/config/policy.ts";
import type { Origin } from "../../../../functions/ingest-events/decode/event.ts";
import { EventValues } from "../../../../functions/ingest-events/plan/values.ts";
import { compareVersions, versionOf } from "../../../../functions/ingest-events/plan/version.ts";

const ORIGIN: Origin = {
  ...{ position: 0, sequenceNumber: "4951", subSequenceNumber: 0, partitionKey: "k", arrivalMs: 0 },
  payload: Buffer.from(""),
};
const NUMBER: VersionPolicy = { attribute: "v", from: [["v"]], format: "number", tieBreak: false };

function version(
  event: Record<string, string | number | null>,
  policy: VersionPolicy = NUMBER,
  origin = ORIGIN,
) {
  const values = new EventValues({ origin, event }, { stream: "s", shard: "0" });
  return versionOf(values, origin, policy);
}

describe("a version of one part", () => {
  it("is a number, by which DynamoDB compares", () => {
    expect(version({ v: 12.5 })).toEqual({ N: "12.5" });
    expect(version({ v: "2026-03-01T00:00:00Z" }, { ...NUMBER, format: "iso" })).toEqual({
      N: "1772323200000",
    });
  });

  it.each<[string, Record<string, string | number | null>, "number" | "iso"]>([
    ["it is left out", {}, "number"],
    ["it is null", { v: null }, "number"],
    ["it is no number", { v: "new" }, "number"],
    ["DynamoDB could not hold it", { v: "1e126" }, "number"],
    ["it has more digits than DynamoDB keeps", { v: "1".repeat(39) }, "number"],
    ["it is no time", { v: "yesterday" }, "iso"],
    ["a number stands for a time", { v: 5 }, "iso"],
  ])("is none where %s: the message says where it was looked for", (_, event, format) => {
    expect(() => version(event, { ...NUMBER, format })).toThrow(`no version (${format}) at v`);
  });
});

describe("a version of several parts", () => {
  const parts: VersionPolicy = { ...NUMBER, from: [["a"], ["b"]] };
  const order = (events: Record<string, number>[]) =>
    events.map((event) => version(event, parts).S ?? "").toSorted();

  it("is a text that sorts as the parts do, one after the other", () => {
    const events = [
      ...[-1e40, -100, -99.5, -99, -10, -1, -0.5, -0.05, 0, 0.05, 0.5, 1, 9, 10, 99, 99.5, 100, 1e40].map(
        (a) => ({ a, b: 0 }),
      ),
      { a: 1e41, b: -2 },
      { a: 1e41, b: -1 },
      { a: 1e41, b: 0 },
      { a: 1e41, b: 3 },
    ];
    expect(order(events)).toEqual(events.map((event) => version(event, parts).S));
  });

  it("has the sequence number last where that breaks a tie, and sorts by its value", () => {
    const tie: VersionPolicy = { ...NUMBER, tieBreak: true };
    const at = (sequenceNumber: string, subSequenceNumber = 0, eventNumber?: number) =>
      version({ v: 1 }, tie, {
        ...ORIGIN,
        ...{ sequenceNumber, subSequenceNumber },
        ...(eventNumber !== undefined && { eventNumber }),
      }).S;
    expect(at("99")).toBe("22001 002:99:001:0");
    expect(at("99", 12, 3)).toBe("22001 002:99:002:12:001:3");
    const sorted = [at("99"), at("99", 2), at("99", 10), at("99", 10, 2), at("99", 10, 10), at("100")];
    expect([...sorted].sort()).toEqual(sorted);
  });

  it("is the sequence number alone where that is its source", () => {
    expect(version({}, { ...NUMBER, from: ["$sequence"] })).toEqual({ S: "004:4951:001:0" });
    expect(version({ v: 1 }, { ...NUMBER, from: ["$sequence", ["v"]] })).toEqual({
      S: "004:4951:001:0 22001",
    });
  });
});

describe("of two versions", () => {
  it.each([
    [{ N: "9" }, { N: "10" }, -1],
    [{ N: "10" }, { N: "9" }, 1],
    [{ N: "1.0" }, { N: "1" }, 0],
    [{ S: "a" }, { S: "b" }, -1],
    [{ S: "b" }, { S: "a" }, 1],
    [{ S: "a" }, { S: "a" }, 0],
  ])("%j is older than, newer than or the same as %j: %i", (a, b, expected) => {
    expect(Math.sign(compareVersions(a, b) ?? Number.NaN)).toBe(expected);
  });

  it.each([
    [{ N: "1" }, undefined],
    [{ N: "1" }, { S: "1" }],
    [{ S: "1" }, { N: "1" }],
    [{ N: "1" }, { BOOL: true }],
  ])("%j cannot be compared with %j", (a, b) => {
    expect(compareVersions(a, b)).toBeUndefined();
  });
});
