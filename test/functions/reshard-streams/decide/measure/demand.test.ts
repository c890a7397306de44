import { describe, expect, it } from "vitest";
import {
  demandsOf,
  knownPeak,
  lastingDemand,
  type MinuteDemand,
  peakOf,
  projected,
  rises,
} from "../../../../../functions/reshard-streams/decide/measure/demand.ts";
import { entry, history, MINUTE, minute, NOW } from "../../stream.ts";

const CAPACITY = { bytes: 1000, records: 100, readBytes: 2000 };
const shardsOf = (minutes: Parameters<typeof demandsOf>[0]) =>
  demandsOf(minutes, CAPACITY).map(({ shards }) => shards);
const at = (index: number, values: Parameters<typeof minute>[1]) => minute(NOW + index * MINUTE, values);

describe("the demand of a minute", () => {
  it("is the largest of bytes, records and reads; refused records are taken to be as large as accepted ones", () => {
    expect(demandsOf([at(0, { bytes: 500, records: 20, throttled: 10, readBytes: 100 })], CAPACITY)).toEqual([
      { at: NOW, unit: "bytes", shards: 0.75, accepted: 0.5 },
    ]);
    expect(demandsOf([at(0, { bytes: 1, records: 50, readBytes: 4000 })], CAPACITY)[0]).toMatchObject({
      ...{ unit: "readBytes", shards: 2, accepted: 2 },
    });
  });

  it("is what was refused, where nothing was accepted", () => {
    expect(demandsOf([at(0, { throttled: 150 })], CAPACITY)).toEqual([
      { at: NOW, unit: "records", shards: 1.5, accepted: 0 },
    ]);
  });

  it("is at most four times what was accepted: retries within the minute count again", () => {
    expect(shardsOf([at(0, { records: 100, throttled: 900 })])).toEqual([4]);
  });

  it("counts those refused beyond the minute before only: the others were offered again", () => {
    expect(
      shardsOf([at(0, { records: 100, throttled: 50 }), at(1, { records: 100, throttled: 150 })]),
    ).toEqual([1.5, 2]);
  });

  it("counts all of them after a minute without a datapoint", () => {
    expect(
      shardsOf([at(0, { records: 100, throttled: 50 }), at(2, { records: 100, throttled: 150 })]),
    ).toEqual([1.5, 2.5]);
  });

  it("is a third more while as many are refused, a tenth more or less", () => {
    const after = (throttled: number) =>
      shardsOf([at(0, { records: 100, throttled: 100 }), at(1, { records: 100, throttled })])[1];
    expect(after(110)).toBeCloseTo(1 + 110 / 300);
    expect(after(90)).toBeCloseTo(1 + 90 / 300);
    expect(after(111)).toBeCloseTo(1.11);
    expect(after(89)).toBeCloseTo(0.89);
  });

  it("is never more while they are steady than what their growth had shown", () => {
    const minutes = [10, 10, 10].map((throttled, index) => at(index, { records: 100, throttled }));
    expect(shardsOf(minutes)).toEqual([1.1, 1 + 10 / 300, 1 + 10 / 300]);
    const large = [at(0, { records: 10, throttled: 20 }), at(1, { records: 100, throttled: 20 })];
    expect(shardsOf(large)[1]).toBe(1);
  });

  it("forgets what their growth had shown once a minute refused none", () => {
    const minutes = [
      at(0, { records: 10, throttled: 10 }),
      at(1, { records: 10 }),
      at(2, { records: 100, throttled: 30 }),
      at(3, { records: 100, throttled: 30 }),
    ];
    expect(shardsOf(minutes)).toEqual([0.2, expect.closeTo(0.01), 1.3, 1.1]);
  });
});

describe("the peak that is known", () => {
  const measured = (shards: number | undefined, direction: "in" | "out", result: "applied" | "refused") =>
    entry(
      NOW,
      { direction, evidence: shards === undefined ? {} : { lookBackDemandShards: shards } },
      { result },
    );

  it("is the largest that a scale-in had measured, if it was made", () => {
    const entries = [
      measured(2, "in", "applied"),
      measured(3, "in", "applied"),
      measured(8, "out", "applied"),
      measured(9, "in", "refused"),
      measured(undefined, "in", "applied"),
    ];
    expect(knownPeak(history({ entries }))).toBe(3);
    expect(knownPeak(history())).toBe(0);
  });
});

describe("the trend", () => {
  const demands = (...shards: number[]): MinuteDemand[] =>
    shards.map((each, index) => ({ at: NOW + index * MINUTE, shards: each, unit: "bytes", accepted: each }));
  const five = (shards: number) => Array.from({ length: 5 }, () => shards);

  it("is carried on from the newest five minutes as it rose from the five before", () => {
    expect(projected(demands(...five(1), ...five(2), ...five(3)), 4)).toBeCloseTo(3 + (1 / 5) * 6.5);
  });

  it("is at most half as much again as it rose before: a jump is none", () => {
    expect(projected(demands(...five(1), ...five(2), ...five(9)), 0)).toBeCloseTo(9 + (1.5 / 5) * 2.5);
    expect(projected(demands(...five(1), ...five(1), ...five(9)), 4)).toBe(0);
  });

  it("is none without fifteen minutes, and where it falls", () => {
    expect(projected(demands(...five(1), ...five(2), 3, 3, 3, 3), 4)).toBe(0);
    expect(projected(demands(...five(1), ...five(3), ...five(2)), 4)).toBe(0);
  });

  it("reaches further ahead the more calls it took, from the second", () => {
    const ramp = demands(...Array.from({ length: 15 }, (_, minute) => 10 + minute / 5));
    expect(lastingDemand(ramp, 12.8, 1)).toBe(0);
    expect(lastingDemand(ramp, 12.8, 2)).toBeCloseTo(12.4 + (1 / 5) * 14.5);
    expect(lastingDemand(ramp, 12.8, 3)).toBeCloseTo(12.4 + (1 / 5) * 18.5);
    expect(lastingDemand(demands(...five(1), ...five(10), ...five(19)), 19, 2)).toBe(1.5 * 19);
  });

  it("rises where the newest third is a twentieth above the oldest, and more", () => {
    expect(rises(demands(20, 9, 21.1))).toBe(true);
    expect(rises(demands(20, 99, 21))).toBe(false);
    expect(rises(demands(1, 2))).toBe(false);
    expect(rises(demands(10, 10, 0, 0, 12, 12))).toBe(true);
    expect(rises(demands(12, 12, 0, 0, 10, 10))).toBe(false);
  });

  it("the busiest minute is the first of equal ones", () => {
    expect(peakOf(demands(1, 3, 3, 2))?.at).toBe(NOW + MINUTE);
    expect(peakOf([])).toBeUndefined();
  });
});
