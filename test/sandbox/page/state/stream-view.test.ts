import { beforeEach, describe, expect, it } from "vitest";
import { createMetricStore, type MetricStore } from "../../../../sandbox/cloudwatch/metrics/store.ts";
import { lastMinutes } from "../../../../sandbox/page/state/minutes.ts";
import { streamView } from "../../../../sandbox/page/state/stream-view.ts";

const MINUTE = 60_000;
const NOW = Date.parse("2030-01-01T12:00:30Z");
const SUMMARY = { name: "orders", status: "ACTIVE", mode: "PROVISIONED", openShards: 2 };

let metrics: MetricStore;

beforeEach(() => {
  metrics = createMetricStore();
});

function put(name: string, value: number, minutesAgo: number): void {
  metrics.put("AWS/Kinesis", name, { StreamName: "orders" }, { value }, "Count", NOW - minutesAgo * MINUTE);
}

function putShards(value: number, minutesAgo: number): void {
  const dimensions = { service: "reshard-streams", StreamName: "orders" };
  metrics.put("Reflex", "OpenShardCount", dimensions, { value }, "Count", NOW - minutesAgo * MINUTE);
}

const view = () => streamView(SUMMARY, { metrics, minutes: lastMinutes(NOW), alarms: [] });

describe("a stream's last hour", () => {
  it("ends with the minute that runs", () => {
    expect(lastMinutes(NOW)).toEqual({
      from: Date.parse("2030-01-01T11:01:00Z"),
      to: Date.parse("2030-01-01T12:01:00Z"),
    });
  });

  it("sums traffic by minute, and has nothing in a minute without", () => {
    put("IncomingRecords", 5, 2);
    put("IncomingRecords", 7, 2);
    put("WriteProvisionedThroughputExceeded", 3, 0);
    const { records, refused } = view();
    expect(records.slice(-4)).toEqual([0, 12, 0, 0]);
    expect(refused.slice(-4)).toEqual([0, 0, 0, 3]);
  });

  it("holds the open shards until the next look, and now is what the stream says", () => {
    putShards(1, 5);
    putShards(3, 2);
    expect(view().openShardsByMinute.slice(-7)).toEqual([null, 1, 1, 1, 3, 3, 2]);
  });
});
