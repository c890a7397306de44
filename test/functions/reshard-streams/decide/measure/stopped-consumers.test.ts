import { describe, expect, it } from "vitest";
import { stoppedConsumers } from "../../../../../functions/reshard-streams/decide/measure/stopped-consumers.ts";
import type { Observation } from "../../../../../functions/reshard-streams/model/observation.ts";
import type { History } from "../../../../../shared/ledger/entry.ts";
import { HOUR, history, MINUTE, minute, NOW, stream } from "../../stream.ts";

/** The last read, long enough before now for what came since to be known unread. */
const LAST = NOW - 20 * MINUTE;
/** A read in each of so many minutes up to `last`. */
const everyMinute = (count: number, last = LAST) =>
  Array.from({ length: count }, (_, index) => last - (count - 1 - index) * MINUTE);
const record = (at: number) => minute(at, { records: 1, bytes: 10 });

interface Reads {
  readonly polling?: readonly number[];
  readonly fanOut?: readonly number[];
  readonly minutes?: Observation["minutes"];
  readonly metricsComplete?: boolean;
  readonly retentionHours?: number;
}

const found = (
  { polling = [], fanOut = [], minutes, ...rest }: Reads,
  past: History = history(),
  now = NOW,
) =>
  stoppedConsumers(
    stream(2, 1, { reads: { polling, fanOut }, minutes: minutes ?? [record(LAST + 2 * MINUTE)], ...rest }),
    past,
    now,
  );

/** A history in which the incident of these consumers began then. */
const since = (at: number, key = "consumers"): History =>
  history({
    incidents: {
      ...{ resource: "stream/orders", version: 1, waiting: [] },
      incidents: {
        [key]: {
          ...{ key, kind: "condition", id: "i", code: "stopped", text: "", severity: "warning" },
          ...{ since: at, sequence: 1, causes: {} },
        },
      },
    },
  });

describe("consumers that read without a break", () => {
  it("have stopped when records came and were not read for thirteen minutes", () => {
    const unreadSince = LAST + 2 * MINUTE;
    const at = (ms: number) => found({ polling: everyMinute(15) }, history(), unreadSince + ms);
    expect(at(13 * MINUTE)).toEqual([{ how: "polling", lastReadAt: LAST }]);
    expect(at(13 * MINUTE - 1)).toEqual([]);
  });

  it("are told apart by how they read", () => {
    const reads = everyMinute(15);
    expect(found({ fanOut: reads })).toEqual([{ how: "fanOut", lastReadAt: LAST }]);
    expect(found({ polling: reads, fanOut: reads }).map(({ how }) => how)).toEqual(["polling", "fanOut"]);
  });

  it.each([
    ["bytes alone", minute(LAST + 2 * MINUTE, { bytes: 1 }), true],
    ["records alone", minute(LAST + 2 * MINUTE, { records: 1 }), true],
    ["nothing", minute(LAST + 2 * MINUTE), false],
    ["a record of the minute of the last read, or of the next", record(LAST + MINUTE), false],
  ])("left %s unread: %o", (_, came, stopped) => {
    expect(found({ polling: everyMinute(15), minutes: [came] })).toHaveLength(stopped ? 1 : 0);
  });

  it("read in ten of fifteen minutes", () => {
    expect(found({ polling: everyMinute(10) })).toHaveLength(1);
    expect(found({ polling: everyMinute(9) })).toEqual([]);
    // The sixteenth minute back does not count.
    expect(found({ polling: [LAST - 15 * MINUTE, LAST - 14 * MINUTE, ...everyMinute(8)] })).toEqual([]);
    expect(found({ polling: [LAST - 14 * MINUTE, ...everyMinute(9)] })).toHaveLength(1);
  });

  it("are others than those that read in batches, which are known by a pause of ten minutes", () => {
    const before = (pause: number) => [...everyMinute(5, LAST - 9 * MINUTE - pause), ...everyMinute(10)];
    expect(found({ polling: before(9 * MINUTE) })).toHaveLength(1);
    expect(found({ polling: before(10 * MINUTE) })).toEqual([]);
  });

  it("are not known to have stopped while metrics are incomplete, or were not read", () => {
    expect(found({ polling: everyMinute(15), metricsComplete: false })).toEqual([]);
    expect(stoppedConsumers(stream(2, 1), history(), NOW)).toEqual([]);
    expect(found({})).toEqual([]);
  });
});

describe("once they are found to have stopped, consumers have", () => {
  it("also when their last read is beyond the look-back: then about when the incident began", () => {
    expect(found({ minutes: [] }, since(NOW - 5 * HOUR))).toEqual([
      { how: "polling", lastReadAt: NOW - 5 * HOUR - 13 * MINUTE },
    ]);
    expect(found({ minutes: [] }, since(NOW - HOUR, "fan-out-consumers"))).toEqual([
      { how: "fanOut", lastReadAt: NOW - HOUR - 13 * MINUTE },
    ]);
  });

  it("until one reads again", () => {
    const begun = NOW - 30 * MINUTE;
    expect(found({ polling: [begun - 1], minutes: [] }, since(begun))).toEqual([
      { how: "polling", lastReadAt: begun - 1 },
    ]);
    expect(found({ polling: [begun], minutes: [] }, since(begun))).toEqual([]);
  });

  it.each([
    ["a day where it is not known", undefined, 24],
    ["what the stream says", 168, 168],
  ])("until the retention is over: %s", (_, retentionHours, hours) => {
    const reads = { minutes: [], ...(retentionHours !== undefined && { retentionHours }) };
    expect(found(reads, since(NOW - hours * HOUR + 1))).toHaveLength(1);
    expect(found(reads, since(NOW - hours * HOUR))).toEqual([]);
  });
});
