import { describe, expect, it } from "vitest";
import { mappingSettings } from "../../../sandbox/event-source-mapping/settings.ts";

const STREAM = "arn:aws:kinesis:us-east-1:000000000000:stream/events";
const given = { EventSourceArn: STREAM, FunctionName: "f", StartingPosition: "TRIM_HORIZON" };

const withPatterns = (...patterns: readonly string[]) =>
  mappingSettings({ ...given, FilterCriteria: { Filters: patterns.map((Pattern) => ({ Pattern })) } });

describe("mappingSettings", () => {
  it("takes a time to begin at, in seconds", () => {
    const at = { StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: 1_795_262_400 };
    expect(mappingSettings({ ...given, ...at }).startingPosition).toEqual({ at: 1_795_262_400_000 });
  });

  it.each<[string, object]>([
    ["AT_TIMESTAMP without a time", { StartingPosition: "AT_TIMESTAMP" }],
    ["a time without AT_TIMESTAMP", { StartingPositionTimestamp: 1 }],
    ["no position", { StartingPosition: undefined }],
  ])("refuses %s", (_what, wrong) => {
    expect(() => mappingSettings({ ...given, ...wrong })).toThrow(/StartingPosition/);
  });

  it("reads a stream by its consumer", () => {
    const EventSourceArn = `${STREAM}/consumer/reflex:1795262400`;
    expect(mappingSettings({ ...given, EventSourceArn })).toMatchObject({
      streamArn: STREAM,
      eventSourceArn: EventSourceArn,
    });
    expect(mappingSettings(given)).toMatchObject({ streamArn: STREAM, eventSourceArn: STREAM });
  });

  it.each<[string, readonly string[], RegExp]>([
    ["six filters", Array<string>(6).fill('{"partitionKey":["a"]}'), /At most 5 filters.*found 6/],
    ["what is no JSON", ["{data:1}"], /not JSON/],
    ["a pattern of text on data", ['{"data":"text"}'], /data/],
    ["an operator that is none", ['{"data":{"a":[{"begins":"x"}]}}'], /data\.a/],
    ["a wildcard, which only EventBridge has", ['{"data":{"$or":[{"a":[{"wildcard":"x*"}]}]}}'], /wildcard/],
    [
      "anything but a prefix",
      ['{"data":{"a":["b",{"anything-but":{"prefix":"x"}}]}}'],
      /anything-but prefix/,
    ],
    ["an empty pattern", ["{}"], /not empty/],
    [
      "4,097 characters",
      [`{"data":{"a":["${"x".repeat(4_097 - 19)}"]}}`],
      /at most 4096 characters, found 4097/,
    ],
  ])("refuses %s", (_what, patterns, message) => {
    expect(() => withPatterns(...patterns)).toThrow(message);
  });

  it.each<[boolean, string, string]>([
    [true, '{"kind":"order","n":5}', '{"data":{"kind":["order"]}}'],
    [false, '{"kind":"click"}', '{"data":{"kind":["order"]}}'],
    [true, '{"n":5}', '{"data":{"n":[{"numeric":[">",4]}]}}'],
    [true, "no JSON", '{"partitionKey":["k"]}'],
    [false, "no JSON", '{"data":{"kind":[{"exists":true}]}}'],
    [false, "no JSON", '{"data":{"kind":[{"exists":false}]}}'],
    [true, "{}", '{"data":{"kind":[{"exists":false}]}}'],
    [false, '{"kind":"order"}', '{"partitionKey":["other"],"data":{"kind":["order"]}}'],
  ])("%s: %s by %s", (isTaken, text, pattern) => {
    const record = {
      sequenceNumber: "1",
      partitionKey: "k",
      arrivedAt: 0,
      data: Buffer.from(text).toString("base64"),
    };
    expect(withPatterns(pattern).filter(record)).toBe(isTaken);
    // One of them is enough.
    expect(withPatterns('{"partitionKey":["none"]}', pattern).filter(record)).toBe(isTaken);
    expect(mappingSettings(given).filter(record)).toBe(true);
  });
});
