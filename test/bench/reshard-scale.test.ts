import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simulateScale } from "../../bench/reshard-scale/simulation.ts";

const last = (seconds: readonly number[]) => Math.max(...seconds);

describe("reshard-streams over many streams, in virtual time with AWS's limits", () => {
  test("decides on 300 streams in ALARM within 60 s, on the other 700 within 10 minutes, above no limit", async () => {
    const result = await simulateScale({ streams: 1_000, inAlarm: 300, minutes: 5 });
    expect(result.alarmSeconds).toHaveLength(300);
    expect(last(result.alarmSeconds)).toBeLessThanOrEqual(60);
    expect(result.restSeconds).toHaveLength(700);
    expect(last(result.restSeconds)).toBeLessThanOrEqual(600);
    expect(result.changedSeconds).toHaveLength(300);
    expect(result.changedTwice).toBe(0);
    expect(result.throttled).toEqual(new Map());
  });

  test("stays below every limit when 300 alarms invoke it at once", async () => {
    const result = await simulateScale({ streams: 310, inAlarm: 300, minutes: 2, stormAtMs: 0 });
    expect(result.throttled).toEqual(new Map());
    // By the alarms' own invocations: from 20 streams on the sweep lists the streams instead.
    expect(result.made.get("DescribeStreamSummary")).toBeGreaterThan(50);
    expect(last(result.alarmSeconds)).toBeLessThanOrEqual(60);
    expect(result.changedSeconds).toHaveLength(300);
    expect(result.changedTwice).toBe(0);
  });

  test("loses nothing when runs are killed at any moment, and changes no stream twice", async () => {
    const anyCase = fc.record({
      streams: fc.integer({ min: 1, max: 120 }),
      inAlarm: fc.integer({ min: 0, max: 60 }),
      killed: fc.dictionary(fc.constantFrom("0", "1", "2"), fc.integer({ min: 1, max: 9_000 })),
    });
    await fc.assert(
      fc.asyncProperty(anyCase, async ({ streams, inAlarm, killed }) => {
        const kills = new Map(Object.entries(killed).map(([run, ms]) => [Number(run), ms]));
        const busy = Math.min(inAlarm, streams);
        const result = await simulateScale({ streams, inAlarm: busy, minutes: 7, killed: kills });
        expect(result.undecided).toBe(0);
        expect(result.alarmSeconds).toHaveLength(busy);
        // A run that dies with an intent is recovered once its lease is over.
        expect(result.changed).toBe(busy);
        expect(result.changedTwice).toBe(0);
        expect(result.throttled).toEqual(new Map());
      }),
      { numRuns: 12 },
    );
  });
});
