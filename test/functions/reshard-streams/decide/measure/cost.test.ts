import { describe, expect, it } from "vitest";
import {
  onDemandUsd,
  provisionedUsd,
  usdPerMonth,
} from "../../../../../functions/reshard-streams/decide/measure/cost.ts";

const GB = 1024 ** 3;
/** By AWS's price list for us-east-1: a month has 730 hours. */
const traffic = { bytes: 1000 * GB, records: 100e6, readBytes: 2000 * GB };
const none = { bytes: 0, records: 0, readBytes: 0 };

describe("a provisioned stream costs", () => {
  it("$0.015 a shard-hour", () => {
    expect(usdPerMonth(2)).toBeCloseTo(21.9);
    expect(provisionedUsd(2, none)).toBeCloseTo(21.9);
  });

  it("$0.014 a million PUT units of 25 KB, one a record at least", () => {
    expect(provisionedUsd(2, { ...none, records: 10e6, bytes: 10e6 * 100 })).toBeCloseTo(21.9 + 0.14);
    // 10.7 KB each: one unit. 26 KB: two.
    expect(provisionedUsd(2, traffic)).toBeCloseTo(21.9 + 1.4);
    expect(provisionedUsd(2, { ...none, records: 10e6, bytes: 10e6 * 26 * 1024 })).toBeCloseTo(21.9 + 0.28);
  });

  it("more by the shard-hour beyond a day of retention, and by the GB beyond a week", () => {
    const week = provisionedUsd(2, none, { retentionHours: 25, fanOutConsumers: 0 });
    expect(week).toBeCloseTo(21.9 + 29.2);
    const month = provisionedUsd(
      2,
      { ...none, bytes: 730 * GB, records: 1 },
      { retentionHours: 268, fanOutConsumers: 0 },
    );
    // A GB an hour for the 100 hours beyond 168, and one record of many PUT units.
    expect(month).toBeCloseTo(21.9 + 29.2 + 100 * 0.023 + ((730 * GB) / 25 / 1024 / 1e6) * 0.014, 2);
  });

  it("$0.015 a shard-hour and $0.013 a GB for each consumer with enhanced fan-out", () => {
    const usd = provisionedUsd(2, { ...none, bytes: 1000 * GB }, { retentionHours: 24, fanOutConsumers: 2 });
    expect(usd).toBeCloseTo(21.9 + 2 * (21.9 + 13));
  });
});

describe("an on-demand stream costs", () => {
  it("by the hour, by the GB in and out; each record is billed as whole kilobytes", () => {
    const large = { bytes: 1000 * GB, records: 1024 ** 2, readBytes: 2000 * GB };
    // Half a kilobyte more for each record: half a GB.
    expect(onDemandUsd("standard", large)).toBeCloseTo(29.2 + 1000.5 * 0.08 + 80);
    expect(onDemandUsd("advantage", large)).toBeCloseTo(1000.5 * 0.032 + 32);
    const small = { bytes: GB, records: 10 * 1024 ** 2, readBytes: 0 };
    expect(onDemandUsd("advantage", small)).toBeCloseTo(10 * 0.032);
    expect(onDemandUsd("advantage", { ...small, records: 0 })).toBeCloseTo(0.032);
  });

  it("more by the GB for enhanced fan-out and for retention beyond a day, less of it beyond a week", () => {
    const stored = { bytes: 730 * GB, records: 0, readBytes: 0 };
    const base = onDemandUsd("standard", stored);
    const with_ = (retentionHours: number, fanOutConsumers = 0) =>
      onDemandUsd("standard", stored, { retentionHours, fanOutConsumers }) - base;
    expect(with_(24, 2)).toBeCloseTo(2 * 730 * 0.05);
    expect(with_(34)).toBeCloseTo(10 * 0.1);
    expect(with_(178)).toBeCloseTo(144 * 0.1 + 10 * 0.023);
  });
});
