/** One stream for each rule and each of its edges, by what is shown: their whole decisions are in `golden/`. */

import { SLOT_MS } from "../../../../functions/reshard-streams/model/demand-profile.ts";
import type { Observation } from "../../../../functions/reshard-streams/model/observation.ts";
import type { History } from "../../../../shared/ledger/entry.ts";
import { calls, entry, evenShards, HOUR, MINUTE, minute, NOW, SHARD_MINUTE, stream } from "../stream.ts";

interface Scenario {
  readonly name: string;
  readonly seen: Observation;
  readonly keys?: Record<string, unknown>;
  readonly past?: Partial<History>;
}

const DAY = 24 * HOUR;
const SMALL = { bytesPerSecond: 500_000, recordsPerSecond: 500, readBytesPerSecond: 1_000_000 };
const at = (minutesAgo: number, values: Parameters<typeof minute>[1]) =>
  minute(NOW - minutesAgo * MINUTE, values);

/** One shard carries `hot` shards' worth, the others `rest`. */
const loads = (count: number, hot: number, rest: number) =>
  evenShards(count).map(({ id }, index) => ({
    shardId: id,
    bytes: (index === 1 ? hot : rest) * SHARD_MINUTE,
    ...{ records: 0, throttled: 0 },
  }));

/** The first two of `count` even shards are one: it is as wide as two others. */
function oneWide(count: number) {
  const [first, second, ...others] = evenShards(count);
  if (!first || !second) throw new Error("two shards");
  return [{ ...first, to: second.to }, ...others];
}

const refused = (
  direction: "in" | "out",
  minutesAgo: number,
  code: string,
  detail?: string,
  from = 4,
  to = 8,
) =>
  entry(
    NOW - minutesAgo * MINUTE,
    { direction, from, to },
    { result: "refused", at: NOW - minutesAgo * MINUTE, code, ...(detail !== undefined && { detail }) },
  );

const merged = (minutesAgo: number, from: number, iteratorAgeMs: number | null = 0) =>
  entry(NOW - minutesAgo * MINUTE, {
    action: "kinesis:MergeShards",
    direction: "in",
    ...{ from, to: from - 1, evidence: { iteratorAgeMs } },
  });

/** So many days at this demand, the last one at another. */
function days(count: number, peak: number, lastDay = peak) {
  const slots = (count * DAY) / SLOT_MS;
  const peaks = Array.from({ length: slots }, (_, index) => (index < slots - 96 ? peak : lastDay));
  return { firstSlot: Math.floor(NOW / SLOT_MS) - slots, peaks };
}

const steppedOut = (minutesAgo: number, from: number, to: number) =>
  entry(NOW - minutesAgo * MINUTE, { direction: "out", from, to }, { at: NOW - minutesAgo * MINUTE });

const rising = (from: number, step: number) =>
  Array.from({ length: 20 }, (_, index) => at(22 - index, { bytes: (from + index * step) * SHARD_MINUTE }));

/** What holds before anything is decided. */
const CANNOT: readonly Scenario[] = [
  { name: "it is UPDATING", seen: stream(2, 5, { status: "UPDATING" }) },
  {
    name: "another run has just changed its shards",
    seen: stream(2, 5),
    past: { entries: [entry(NOW - 6_000, { to: 4 }, { at: NOW - 4_999 })] },
  },
  {
    name: "another run has just switched its mode",
    seen: stream(2, 5),
    past: { entries: [entry(NOW - 6_000, { action: "kinesis:UpdateStreamMode" }, { at: NOW - 1_000 })] },
  },
  {
    name: "a change of five seconds ago is seen",
    seen: stream(2, 5),
    past: { entries: [entry(NOW - 6_000, { to: 4 }, { at: NOW - 5_000 })] },
  },
  {
    name: "a refused call just now is no change",
    seen: stream(2, 5),
    past: { entries: [entry(NOW - 2_000, { direction: "in" }, { at: NOW - 1_000, result: "refused" })] },
  },
];

const BOUNDS: readonly Scenario[] = [
  { name: "one below min", seen: stream(3, 0), keys: { min: 4 } },
  { name: "at min", seen: stream(4, 0), keys: { min: 4 } },
  { name: "one shard below min", seen: stream(1, 0), keys: { min: 2 } },
  { name: "below min under load goes to what the load needs", seen: stream(4, 3.5), keys: { min: 5 } },
  { name: "below min under load goes to max at most", seen: stream(4, 9), keys: { min: 5, max: 7 } },
  {
    name: "below min and refused lately",
    seen: stream(4, 0),
    keys: { min: 5 },
    past: { entries: [refused("out", 5, "other")] },
  },
  {
    name: "below min without a call is split",
    seen: stream(3, 0),
    keys: { min: 4 },
    past: { entries: calls(10) },
  },
  { name: "above max and idle", seen: stream(12, 1), keys: { max: 10 } },
  { name: "above max by far: half at most", seen: stream(40, 1), keys: { max: 10 } },
  { name: "above max at exactly scaleOutAt of max", seen: stream(12, 8), keys: { max: 10 } },
  { name: "above max and above scaleOutAt of max", seen: stream(12, 8.1), keys: { max: 10 } },
  { name: "far above max: judged by the step", seen: stream(40, 15), keys: { max: 10 } },
  { name: "above max while records are refused", seen: stream(12, 1, { throttled: 1 }), keys: { max: 10 } },
  { name: "above max and too new", seen: stream(12, 1, { createdAt: NOW - 59 * MINUTE }), keys: { max: 10 } },
  {
    name: "above max without a call merges",
    seen: stream(12, 1),
    keys: { max: 10 },
    past: { entries: calls(10) },
  },
  {
    name: "above max without a call where no merge fits",
    seen: stream(12, 7),
    keys: { max: 10, targetUtilisation: 0.6 },
    past: { entries: calls(10) },
  },
];

const OUT: readonly Scenario[] = [
  { name: "at scaleOutAt", seen: stream(10, 8) },
  { name: "just above scaleOutAt", seen: stream(10, 8.05) },
  { name: "one shard, one more brings it down", seen: stream(1, 0.85), keys: { targetUtilisation: 0.5 } },
  { name: "above scaleOutAt at max", seen: stream(10, 9), keys: { max: 10 } },
  { name: "above scaleOutAt, one shard is max", seen: stream(1, 0.9), keys: { max: 1 } },
  { name: "more than max is needed", seen: stream(8, 7.5), keys: { max: 10 } },
  { name: "more than double is needed", seen: stream(3, 6) },
  { name: "scaleOutMinutes of one", seen: stream(5, 4.5), keys: { scaleOutMinutes: 1 } },
  {
    name: "records are the larger demand",
    seen: stream(4, 0, { minutes: [at(2, { records: 4 * 60_000 })] }),
  },
  {
    name: "reads are the larger demand",
    seen: stream(4, 0, { minutes: [at(2, { readBytes: 4 * 2 * SHARD_MINUTE })] }),
    keys: { reads: true },
  },
  {
    name: "reads were refused",
    seen: stream(4, 0, { minutes: [at(2, { bytes: SHARD_MINUTE, throttledReads: 3 })] }),
    keys: { reads: true },
  },
  {
    name: "refused reads do not count where reads are not asked for",
    seen: stream(4, 3, { minutes: [at(2, { bytes: 3 * SHARD_MINUTE, throttledReads: 3 })] }),
  },
  ...(["bytes", "records", "readBytes"] as const).map((unit) => ({
    name: `a smaller shard by ${unit}`,
    seen: stream(4, 0, {
      minutes: [at(2, { [unit]: 60 * { bytes: 1_900_000, records: 1_900, readBytes: 3_800_000 }[unit] })],
    }),
    keys: { shardCapacity: SMALL, reads: true },
  })),
  { name: "records are refused while full", seen: stream(3, 3, { throttled: 10 }) },
  { name: "a steady rise", seen: stream(10, 0, { minutes: rising(5.5, 0.12) }) },
  { name: "a steep rise is carried on a quarter", seen: stream(10, 0, { minutes: rising(2, 0.28) }) },
  {
    name: "a rise that two calls of the last hour did not end",
    seen: stream(10, 0, { minutes: rising(5, 0.2) }),
    past: { entries: [steppedOut(59, 6, 8), steppedOut(20, 8, 10)] },
  },
  {
    name: "a rise that one call of the last hour did not end",
    seen: stream(10, 0, { minutes: rising(5, 0.2) }),
    past: { entries: [steppedOut(60, 6, 8), steppedOut(20, 8, 10)] },
  },
  { name: "widest shard decides", seen: stream(7, 3.9, { shards: oneWide(8) }) },
  {
    name: "refused lately for the account's limit, with room",
    seen: stream(4, 6),
    past: {
      entries: [
        refused(
          "out",
          5,
          "account",
          "Current shard count for the account: 498. Limit: 500. Wanted: 504",
          4,
          10,
        ),
      ],
    },
  },
  {
    name: "refused lately for the account's limit, without room",
    seen: stream(4, 6),
    past: {
      entries: [refused("out", 5, "account", "Current shard count for the account: 500. Limit: 500.", 4, 10)],
    },
  },
  {
    name: "refused lately for the account's limit, which is not said",
    seen: stream(4, 6),
    past: { entries: [refused("out", 5, "account", undefined, 4, 8)] },
  },
  { name: "refused 14 minutes ago", seen: stream(4, 6), past: { entries: [refused("out", 14, "other")] } },
  { name: "refused 15 minutes ago", seen: stream(4, 6), past: { entries: [refused("out", 15, "other")] } },
  {
    name: "a refused scale-in holds nothing back",
    seen: stream(4, 6),
    past: { entries: [refused("in", 5, "other")] },
  },
  ...[2, 3, 5, 6].flatMap((left) =>
    [
      [8, 7],
      [4, 3.4],
      [20, 17],
      [6, 6.5],
    ].map(([open = 1, demand = 1]) => ({
      name: `${demand} of ${open} shards with ${left} calls left`,
      seen: stream(open, demand),
      past: { entries: calls(10 - left) },
    })),
  ),
  { name: "no call left", seen: stream(4, 3.6), past: { entries: calls(10) } },
  {
    name: "no call left, one shard below max",
    seen: stream(4, 9),
    keys: { max: 5 },
    past: { entries: calls(10) },
  },
  {
    name: "no call left: of the widest the busiest is split",
    seen: stream(4, 3.6, {
      shardLoads: evenShards(4).map(({ id }, index) => ({
        shardId: id,
        bytes: (0.85 + index / 100) * SHARD_MINUTE,
        ...{ records: 0, throttled: 0 },
      })),
    }),
    keys: { shardMetrics: true },
    past: { entries: calls(10) },
  },
  { name: "the peak of days bounds what is needed", seen: stream(8, 7.5, { profile: days(2, 8) }) },
  {
    name: "up to the peak of days shards are used further",
    seen: stream(10, 8.2, { profile: days(2, 9) }),
    keys: { scaleOutAt: 0.7 },
  },
  { name: "beyond the peak of days", seen: stream(8, 7.5, { profile: days(2, 6) }) },
  {
    name: "a rise that is predicted daily",
    seen: stream(4, 1, {
      profile: { ...days(2, 1), peaks: days(2, 1).peaks.map((_, index) => (index % 96 < 2 ? 6 : 1)) },
    }),
    keys: { forecast: "daily" },
  },
];

const REFUSALS: readonly Scenario[] = [
  { name: "bursts are refused: a quarter more", seen: stream(8, 3, { throttled: 4000 }) },
  {
    name: "bursts are refused, one record",
    seen: stream(8, 3, { minutes: [at(2, { bytes: 3 * SHARD_MINUTE, throttled: 1 })] }),
  },
  { name: "bursts are refused at max", seen: stream(8, 3, { throttled: 4000 }), keys: { max: 8 } },
  { name: "bursts are refused, max is near", seen: stream(8, 3, { throttled: 4000 }), keys: { max: 9 } },
  {
    name: "bursts are refused without a call",
    seen: stream(8, 3, { throttled: 4000 }),
    past: { entries: calls(10) },
  },
  {
    name: "bursts are refused, and AWS refused more shards",
    seen: stream(8, 3, { throttled: 4000 }),
    past: { entries: [refused("out", 5, "other")] },
  },
  {
    name: "bursts are refused again after more shards",
    seen: stream(8, 3, { throttled: 4000 }),
    past: {
      entries: [
        entry(NOW - 2 * HOUR, {
          ...{ from: 6, to: 8 },
          evidence: { throttledShare: 0.02, throttledPeakShare: 0.02, utilisation: 0.4, demandShards: 3 },
        }),
      ],
    },
  },
  { name: "records are refused at low utilisation: one key", seen: stream(8, 1, { throttled: 4000 }) },
];

const CONSUMERS: readonly Scenario[] = [
  {
    name: "fell behind after a scale-in",
    seen: stream(6, 3, { iteratorAgeMs: 120_000 }),
    past: { entries: [merged(10, 7), merged(11, 8)] },
  },
  {
    name: "fell behind at the limit",
    seen: stream(6, 1, { iteratorAgeMs: 60_000 }),
    past: { entries: [merged(10, 7)] },
  },
  {
    name: "fell behind two hours after a scale-in",
    seen: stream(6, 3, { iteratorAgeMs: 120_000 }),
    past: { entries: [merged(121, 7)] },
  },
  {
    name: "fell behind within two hours of a scale-in",
    seen: stream(6, 3, { iteratorAgeMs: 120_000 }),
    past: { entries: [merged(120, 7)] },
  },
  {
    name: "were behind before the scale-in",
    seen: stream(6, 3, { iteratorAgeMs: 120_000 }),
    past: { entries: [merged(10, 7, 60_001)] },
  },
  {
    name: "were at the limit before the scale-in",
    seen: stream(6, 3, { iteratorAgeMs: 120_000 }),
    past: { entries: [merged(10, 7, 60_000)] },
  },
  {
    name: "fell behind, max is what is open",
    seen: stream(6, 3, { iteratorAgeMs: 120_000 }),
    keys: { max: 6 },
    past: { entries: [merged(10, 7)] },
  },
  {
    name: "fell behind after a scale-in before a scale-out",
    seen: stream(7, 3, { iteratorAgeMs: 120_000 }),
    past: { entries: [entry(NOW - 5 * MINUTE), merged(10, 7)] },
  },
  { name: "are too slow", seen: stream(4, 2, { iteratorAgeMs: 300_400 }), keys: { scaleOutOnAge: true } },
  {
    name: "are too slow at max",
    seen: stream(4, 2, { iteratorAgeMs: 300_000 }),
    keys: { scaleOutOnAge: true, max: 4 },
  },
  {
    name: "are too slow, and AWS refused more",
    seen: stream(4, 2, { iteratorAgeMs: 300_000 }),
    keys: { scaleOutOnAge: true },
    past: { entries: [refused("out", 5, "other")] },
  },
  ...[29, 30].map((minutesAgo) => ({
    name: `are too slow ${minutesAgo} minutes after more shards`,
    seen: stream(3, 1.5, { iteratorAgeMs: 300_000 }),
    keys: { scaleOutOnAge: true },
    past: {
      entries: [
        entry(NOW - minutesAgo * MINUTE, {
          from: 2,
          to: 3,
          evidence: { forConsumers: true, iteratorAgeMs: 300_000 },
        }),
      ],
    },
  })),
  { name: "behind, so no scale-in", seen: stream(10, 1, { iteratorAgeMs: 61_000 }) },
  {
    name: "were given shards a day ago",
    seen: stream(10, 1, { iteratorAgeMs: 0 }),
    past: { entries: [entry(NOW - 24 * HOUR + 1, { evidence: { forConsumers: true } })] },
  },
  {
    name: "got a scale-in undone a day ago",
    seen: stream(10, 1, { iteratorAgeMs: 0 }),
    past: { entries: [entry(NOW - 24 * HOUR + 1, { evidence: { undoesScaleIn: true } })] },
  },
  {
    name: "got a scale-in undone more than a day ago",
    seen: stream(10, 1, { iteratorAgeMs: 0 }),
    past: { entries: [entry(NOW - 24 * HOUR, { evidence: { undoesScaleIn: true, forConsumers: true } })] },
  },
  { name: "read no more", seen: stream(10, 1), past: { entries: [merged(600, 11)] } },
];

const IN: readonly Scenario[] = [
  { name: "on target", seen: stream(5, 3) },
  { name: "on target with one shard", seen: stream(1, 0.3) },
  { name: "one merge", seen: stream(10, 2.9) },
  { name: "at min, fewer would do", seen: stream(4, 1), keys: { min: 4 } },
  { name: "at min of one", seen: stream(1, 0), keys: { min: 1 } },
  { name: "merges as far as min", seen: stream(4, 0.5), keys: { min: 3 } },
  { name: "a call where merges do not fit", seen: stream(10, 3.5) },
  { name: "no call for less than a fifth", seen: stream(10, 5) },
  { name: "metrics have gaps", seen: stream(10, 1, { metricsComplete: false }) },
  { name: "younger than the look-back", seen: stream(10, 1, { createdAt: NOW - 60 * MINUTE + 1 }) },
  { name: "as old as the look-back", seen: stream(10, 1, { createdAt: NOW - 60 * MINUTE }) },
  {
    name: "records were refused in the look-back",
    seen: stream(10, 1, { minutes: [at(50, { records: 1000, throttled: 6 }), at(2, { records: 1000 })] }),
  },
  {
    name: "few records were refused in the look-back",
    seen: stream(10, 1, { minutes: [at(50, { records: 995, throttled: 5 }), at(2, { records: 1000 })] }),
  },
  {
    name: "reads were refused in the look-back",
    seen: stream(10, 1, {
      minutes: [at(50, { records: 1000, throttledReads: 1 }), at(2, { records: 1000 })],
    }),
    keys: { reads: true },
  },
  {
    name: "reads were refused in the look-back, which are not asked for",
    seen: stream(10, 1, {
      minutes: [at(50, { records: 1000, throttledReads: 1 }), at(2, { records: 1000 })],
    }),
  },
  { name: "no datapoint", seen: stream(10, 0, { minutes: [] }) },
  { name: "no datapoint, but a heartbeat", seen: stream(10, 0, { minutes: [], heartbeat: true }) },
  {
    name: "no heartbeat and the newest datapoint is ten minutes old",
    seen: stream(10, 0, { minutes: [at(10, { records: 1 })], heartbeat: false }),
  },
  {
    name: "no heartbeat and the newest datapoint is nine minutes old",
    seen: stream(10, 0, { minutes: [at(9, { records: 1 })], heartbeat: false }),
  },
  {
    name: "fewer refused bursts within a day",
    seen: stream(2, 0.4),
    past: {
      entries: [
        entry(NOW - 5 * HOUR, {
          ...{ from: 1, to: 2 },
          evidence: { throttledShare: 0.02, throttledPeakShare: 0.02, utilisation: 0.8, demandShards: 0.8 },
        }),
      ],
    },
  },
  {
    name: "one shard is busy",
    seen: stream(10, 2, { shardLoads: loads(10, 0.81, 0.75) }),
    keys: { shardMetrics: true },
  },
  {
    name: "one shard is at scaleOutAt",
    seen: stream(10, 2, { shardLoads: loads(10, 0.8, 0.75) }),
    keys: { shardMetrics: true },
  },
  {
    name: "cools down after a scale-out",
    seen: stream(10, 2),
    past: { lastScaleOut: NOW - 60 * MINUTE + 1 },
  },
  {
    name: "has cooled down after a scale-out",
    seen: stream(10, 2),
    past: { lastScaleOut: NOW - 60 * MINUTE },
  },
  {
    name: "cools down after a scale-in by call",
    seen: stream(10, 3.5),
    past: { lastScaleIn: NOW - 60 * MINUTE + 1 },
  },
  {
    name: "has cooled down after a scale-in by call",
    seen: stream(10, 3.5),
    past: { lastScaleIn: NOW - 60 * MINUTE },
  },
  { name: "no call to scale in", seen: stream(10, 3.5), past: { entries: calls(10) } },
  { name: "calls kept for scale-out", seen: stream(10, 3.5), past: { entries: calls(5) } },
  { name: "one call more than is kept", seen: stream(10, 3.5), past: { entries: calls(4) } },
  {
    name: "AWS refused a scale-in",
    seen: stream(10, 2),
    past: { entries: [refused("in", 5, "other", "not now")] },
  },
  {
    name: "rises",
    seen: stream(10, 0, {
      minutes: Array.from({ length: 58 }, (_, index) =>
        at(60 - index, { bytes: (0.5 + index / 60) * SHARD_MINUTE }),
      ),
    }),
  },
  {
    name: "kept for the peak of days",
    seen: stream(10, 1, { profile: days(2, 6) }),
    keys: { keptShareOfPeak: 0.5 },
  },
  { name: "right for days", seen: stream(20, 1, { profile: days(2, 10, 10) }), keys: { keptShareOfPeak: 1 } },
];

const HOT: readonly Scenario[] = [
  {
    name: "one shard is hot",
    seen: stream(4, 1.3, { shardLoads: loads(4, 1, 0.1) }),
    keys: { shardMetrics: true },
  },
  {
    name: "one shard carries all",
    seen: stream(4, 1, { shardLoads: loads(4, 1, 0) }),
    keys: { shardMetrics: true },
  },
  {
    name: "one shard is hot at max",
    seen: stream(4, 1.3, { shardLoads: loads(4, 1, 0.1) }),
    keys: { shardMetrics: true, max: 4 },
  },
  {
    name: "one shard is hot, and AWS refused more",
    seen: stream(4, 1.3, { shardLoads: loads(4, 1, 0.1) }),
    keys: { shardMetrics: true },
    past: { entries: [refused("out", 5, "other")] },
  },
  ...[3 * MINUTE - 1, 3 * MINUTE].map((ago) => ({
    name: `one shard is hot ${ago} ms after a split`,
    seen: stream(4, 1.3, { shardLoads: loads(4, 1, 0.1) }),
    keys: { shardMetrics: true },
    past: { lastScaleOut: NOW - ago },
  })),
  {
    name: "one shard is hot and owns a single hash key",
    seen: stream(4, 1.3, {
      shards: evenShards(4).map((shard, index) => (index === 1 ? { ...shard, to: shard.from } : shard)),
      shardLoads: loads(4, 1, 0.1),
    }),
    keys: { shardMetrics: true },
  },
  {
    name: "a child kept its parent's load",
    seen: stream(4, 1.2, {
      shards: evenShards(4).map((shard, index) =>
        index < 1 || index > 2 ? shard : { ...shard, parentId: "parent" },
      ),
      shardLoads: loads(4, 1, 0.1).map((load, index) => (index === 2 ? { ...load, bytes: 0 } : load)),
    }),
    keys: { shardMetrics: true },
    past: {
      entries: [entry(NOW - 30 * MINUTE, { action: "kinesis:SplitShard", evidence: { shard: "parent" } })],
    },
  },
];

const onDemand = (open: number, demand: number, rest: Partial<Observation> & { throttled?: number } = {}) =>
  stream(open, demand, { mode: "ON_DEMAND", arn: "arn:aws:kinesis:x:1:stream/orders", ...rest });

const ON_DEMAND: readonly Scenario[] = [
  { name: "is sized by AWS", seen: onDemand(4, 3) },
  { name: "is sized by AWS, with the prices of the commitment", seen: onDemand(4, 3, { advantage: true }) },
  { name: "needs more than max provisioned", seen: onDemand(4, 3), keys: { max: 4 } },
  { name: "is busy and warmed up", seen: onDemand(4, 3.6, { advantage: true }) },
  { name: "is busy while it rises", seen: onDemand(10, 0, { advantage: true, minutes: rising(5.5, 0.12) }) },
  { name: "is busy at max", seen: onDemand(4, 3.6, { advantage: true }), keys: { max: 4 } },
  { name: "is warm enough", seen: onDemand(4, 3.6, { advantage: true, warmMiBps: 10 }) },
  {
    name: "spreads evenly",
    seen: onDemand(7, 5, { advantage: true, distribution: "AUTO", shards: oneWide(8) }),
  },
  { name: "takes less than min", seen: onDemand(4, 1, { advantage: true }), keys: { min: 5 } },
  {
    name: "is busy, and AWS refused more",
    seen: onDemand(4, 3.6, { advantage: true }),
    past: { entries: [refused("out", 5, "other")] },
  },
  { name: "refuses without the commitment", seen: onDemand(4, 3.6, { throttled: 4000, advantage: false }) },
  { name: "refuses, the commitment is not known", seen: onDemand(4, 3.6, { throttled: 4000 }) },
  { name: "is kept warm for nothing", seen: onDemand(4, 1, { advantage: true, warmMiBps: 20 }) },
  {
    name: "is kept warm, and a fifth is not worth it",
    seen: onDemand(4, 9.5, { advantage: true, warmMiBps: 20 }),
  },
  {
    name: "is kept warm for nothing, and metrics have gaps",
    seen: onDemand(4, 1, { advantage: true, warmMiBps: 20, metricsComplete: false }),
  },
  { name: "has one key", seen: onDemand(4, 0.8, { throttled: 4000 }) },
  {
    name: "has one key, and may spread",
    seen: onDemand(4, 0.8, { throttled: 4000 }),
    keys: { distribution: "auto" },
  },
  {
    name: "has one hot shard, and may spread",
    seen: onDemand(4, 1.3, { shardLoads: loads(4, 1, 0.1) }),
    keys: { shardMetrics: true, distribution: "auto" },
  },
  {
    name: "has one shard that carries all",
    seen: onDemand(4, 1, { shardLoads: loads(4, 1, 0) }),
    keys: { shardMetrics: true },
  },
  {
    name: "has one key, may spread, and AWS refused that",
    seen: onDemand(4, 0.8, { throttled: 4000 }),
    keys: { distribution: "auto" },
    past: {
      entries: [
        entry(
          NOW - 3 * HOUR,
          { action: "kinesis:UpdateStreamRecordDistributionStrategy" },
          { result: "refused", at: NOW - 3 * HOUR },
        ),
      ],
    },
  },
];

/** Quarters of an hour in so many days, by the hour of the day, with the volume of each day. */
function week(peakAt: (hour: number) => number | null, count = 7, gbADay = 10) {
  const slots = count * 96;
  const firstDay = Math.floor(NOW / DAY) - count;
  return {
    firstSlot: (firstDay * DAY) / SLOT_MS,
    peaks: Array.from({ length: slots }, (_, index) => peakAt(Math.floor((index % 96) / 4))),
    days: Array.from({ length: count }, (_, index) => ({
      ...{ day: firstDay + index, slots: 96 },
      ...{ bytes: gbADay * 1024 ** 3, records: gbADay * 1e6 },
    })),
  };
}

const steady = week(() => 8);
const atNoon = week((hour) => (hour === 12 ? 60 : 1), 7, 1);
const switched = (hoursAgo: number, outcome = {}) =>
  entry(
    NOW - hoursAgo * HOUR,
    { action: "kinesis:UpdateStreamMode" },
    { at: NOW - hoursAgo * HOUR, ...outcome },
  );
const SWITCH = { streamMode: "switch" };

const MODES: readonly Scenario[] = [
  {
    name: "on demand, a week at one height: provisioned is cheaper",
    seen: onDemand(8, 4, { profile: week(() => 8, 7, 400) }),
  },
  {
    name: "on demand, as the account's commitment has it",
    seen: onDemand(8, 4, { advantage: true, profile: week(() => 8, 7, 400) }),
  },
  { name: "on demand, six days are known", seen: onDemand(8, 4, { profile: week(() => 8, 6, 400) }) },
  {
    name: "on demand, a quarter of an hour is not known",
    seen: onDemand(8, 4, {
      profile: { ...week(() => 8, 7, 400), peaks: [null, ...week(() => 8, 7, 400).peaks.slice(1)] },
    }),
  },
  {
    name: "provisioned, high peaks and little traffic: on demand is cheaper",
    seen: stream(40, 20, { profile: week(() => 60, 7, 1) }),
  },
  {
    name: "provisioned, with the commitment",
    seen: stream(40, 20, { advantage: true, profile: week(() => 60, 7, 1) }),
  },
  {
    name: "provisioned, with settings that were read",
    seen: stream(40, 20, { retentionHours: 48, fanOutConsumers: 2, profile: week(() => 60, 7, 1) }),
  },
  { name: "provisioned by day and night", seen: stream(14, 8, { profile: steady }) },
  {
    name: "provisioned, a fixed count is cheaper",
    seen: stream(14, 8, { profile: week(() => 8, 7, 900) }),
    keys: { targetUtilisation: 0.4, scaleOutAt: 0.6 },
  },
  {
    name: "provisioned, a little is saved",
    seen: stream(2, 1, { profile: week(() => 1, 7, 300) }),
    keys: { targetUtilisation: 0.5 },
  },
  { name: "provisioned, idle but for noon", seen: stream(4, 2, { profile: atNoon }) },
  {
    name: "may be switched",
    seen: onDemand(8, 4, { advantage: false, profile: week(() => 8, 7, 400) }),
    keys: SWITCH,
  },
  {
    name: "may be switched, once already",
    seen: onDemand(8, 4, { advantage: false, profile: week(() => 8, 7, 400) }),
    keys: SWITCH,
    past: { entries: [switched(2), switched(24), entry(NOW - 3 * HOUR), switched(4, { result: "lost" })] },
  },
  {
    name: "may be switched, twice already",
    seen: onDemand(8, 4, { advantage: false, profile: week(() => 8, 7, 400) }),
    keys: SWITCH,
    past: { entries: [switched(2), switched(23)] },
  },
  {
    name: "may be switched, and AWS refused it",
    seen: onDemand(8, 4, { advantage: false, profile: week(() => 8, 7, 400) }),
    keys: SWITCH,
    past: { entries: [switched(5, { result: "refused", detail: "not now" })] },
  },
  {
    name: "may be switched, and AWS refused it for the rate of calls",
    seen: onDemand(8, 4, { advantage: false, profile: week(() => 8, 7, 400) }),
    keys: SWITCH,
    past: { entries: [switched(5, { result: "refused", code: "call-rate" })] },
  },
  {
    name: "may be switched, its ARN is not known",
    seen: stream(8, 4, { mode: "ON_DEMAND", advantage: false, profile: week(() => 8, 7, 400) }),
    keys: SWITCH,
  },
  {
    name: "may be switched, the commitment is not known",
    seen: onDemand(8, 4, { profile: week(() => 8, 7, 400) }),
    keys: SWITCH,
  },
  {
    name: "may be switched to on demand",
    seen: stream(40, 20, {
      arn: "arn:aws:kinesis:x:1:stream/orders",
      advantage: true,
      profile: week(() => 60, 7, 1),
    }),
    keys: SWITCH,
  },
];

export const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  "cannot be changed": CANNOT,
  bounds: BOUNDS,
  "scale-out": OUT,
  "refused records": REFUSALS,
  consumers: CONSUMERS,
  "scale-in": IN,
  "hot shard": HOT,
  "on demand": ON_DEMAND,
  "capacity mode": MODES,
};
