import type { MetricDataResult } from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { readMetrics } from "../../../../functions/reshard-streams/observe/metric-results.ts";
import { MINUTE, NOW, policy } from "../stream.ts";

const ago = (minutes: number) => NOW - minutes * MINUTE;

/** A metric of one value in these minutes, each so many minutes ago. */
function result(series: string, minutes: readonly number[], rest: Partial<MetricDataResult> = {}, value = 1) {
  return {
    ...{ Id: `s0_${series}`, StatusCode: "Complete" as const },
    ...{ Timestamps: minutes.map((each) => new Date(ago(each))), Values: minutes.map(() => value) },
    ...rest,
  };
}

const read = (results: MetricDataResult[], keys: Record<string, unknown> = {}) =>
  readMetrics(results, policy(keys), "s0", NOW);
const fromTo = (from: number, to: number) =>
  Array.from({ length: from - to + 1 }, (_, index) => from - index);

describe("a metric that comes late by itself", () => {
  it.each([2, 3, 4, 5])("by %d minutes still has an iterator age with one minute of scale-out", (late) => {
    expect(
      read([result("iteratorAgeMs", fromTo(60, late), {}, 9_000)], { scaleOutMinutes: 1 }),
    ).toMatchObject({
      iteratorAgeMs: 9_000,
    });
  });

  it.each([2, 4])("by %d minutes still has the shards' loads", (late) => {
    const shard = result("shard_bytes", fromTo(60, late), { Label: "shardId-0" }, 70);
    expect(read([shard], { scaleOutMinutes: 1, shardMetrics: true }).shardLoads).toEqual([
      { shardId: "shardId-0", bytes: 70, records: 0, throttled: 0 },
    ]);
  });

  it("is known as far as the slowest of the writes' metrics; one that stopped does not hold back the others", () => {
    const until = (bytes: number, records: number, throttled: number) =>
      read([
        result("bytes", fromTo(60, bytes)),
        result("records", fromTo(60, records)),
        result("throttled", fromTo(60, throttled)),
      ]).knownUntil;
    expect(until(2, 4, 3)).toBe(ago(4));
    expect(until(2, 40, 3)).toBe(ago(3));
    expect(read([]).knownUntil).toBeUndefined();
  });
});

describe("CloudWatch works", () => {
  it.each([
    ["our own metric", "heartbeat", 9, true],
    ["our own metric", "heartbeat", 11, false],
    ["a consumer's", "subscriberAgeMs", 5, true],
    ["the stream's own, which may have no traffic", "bytes", 1, false],
  ])("by %s (%s), %d minutes ago: %s", (_, series, minutes, works) => {
    expect(read([result(series, [minutes, 50])]).heartbeat).toBe(works);
  });
});

describe("an answer", () => {
  it("of which one metric ends in PartialData is not complete", () => {
    const [whole, partial] = [result("bytes", [3]), result("records", [3], { StatusCode: "PartialData" })];
    expect(read([whole, partial]).complete).toBe(false);
    expect(read([whole, partial, result("records", [2])]).complete).toBe(true);
  });

  it("with a message is not complete, on whichever page it stands", () => {
    const said = { Messages: [{ Code: "ArgumentsTruncated", Value: "too many" }] };
    expect(read([result("bytes", [3], said), result("bytes", [2])]).complete).toBe(false);
  });

  it("has the minutes in which each kind of consumer read, oldest first", () => {
    expect(read([result("iteratorAgeMs", [2, 3]), result("subscriberAgeMs", [50])]).reads).toEqual({
      ...{ polling: [ago(3), ago(2)], fanOut: [ago(50)] },
    });
  });
});
