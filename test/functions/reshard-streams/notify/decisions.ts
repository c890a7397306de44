/** One decision of each kind, as `decide` comes to it. */

import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import type {
  Action,
  Decision,
  NotifiedVerdict,
} from "../../../../functions/reshard-streams/model/decision.ts";
import type { Observation } from "../../../../functions/reshard-streams/model/observation.ts";
import type { History } from "../../../../shared/ledger/entry.ts";
import {
  calls,
  entry,
  evenShards,
  HOUR,
  history,
  MINUTE,
  NOW,
  policy,
  SHARD_MINUTE,
  stream,
} from "../stream.ts";

const ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";

export const decided = (
  observation: Observation,
  keys: Record<string, unknown> = {},
  past: Partial<History> = {},
): Decision => decide(observation, policy(keys), history(past), NOW);

const onDemand = (demand: number, rest: Parameters<typeof stream>[2] = {}) =>
  stream(4, demand, { mode: "ON_DEMAND", arn: ARN, advantage: true, ...rest });

const loads = (hot: number, others: number) =>
  evenShards(4).map(({ id }, index) => ({
    shardId: id,
    bytes: (index === 1 ? hot : others) * SHARD_MINUTE,
    records: 0,
    throttled: index === 1 ? 7 : 0,
  }));

const refusedByAws = entry(
  NOW - 5 * MINUTE,
  {},
  {
    result: "refused",
    code: "refused",
    detail: "LimitExceededException: the account's limit is 500 shards",
    at: NOW - 5 * MINUTE,
  },
);

function hotKey(): Decision {
  const parentId = "shardId-000000000009";
  const split = entry(NOW - 30 * MINUTE, { action: "kinesis:SplitShard", evidence: { shard: parentId } });
  const shards = evenShards(4).map((shard, at) => (at < 1 || at > 2 ? shard : { ...shard, parentId }));
  const shardLoads = loads(1, 0.1).map((load, at) => (at === 2 ? { ...load, bytes: 0 } : load));
  const seen = stream(4, 1.2, { throttled: 7, shards, shardLoads });
  return decided(seen, { shardMetrics: true }, { entries: [split] });
}

/** Holds that a person has to see to: as they begin, and with another cause where there is one. */
export const HOLDS: Readonly<Record<NotifiedVerdict, readonly [Decision, ...Decision[]]>> = {
  "at-max": [
    decided(stream(4, 3.6, { iteratorAgeMs: 800 }), { max: 4 }),
    decided(stream(4, 4.4, { iteratorAgeMs: 12_000, throttled: 1240 }), { max: 4 }),
  ],
  "above-max-and-busy": [decided(stream(9, 8), { max: 5 })],
  "refused-lately": [decided(stream(2, 5), {}, { entries: [refusedByAws] })],
  "consumers-behind": [decided(stream(10, 1, { iteratorAgeMs: 900_000 }))],
  "hot-key": [hotKey()],
  "resharding-does-not-help": [decided(stream(4, 0.1, { throttled: 1 }))],
  "quota-spent": [decided(stream(4, 2, { throttled: 9_000 }), {}, { entries: calls(10) })],
  "on-demand": [decided({ ...onDemand(5, { throttled: 9_000 }), advantage: false })],
};

/** A week of quarters of an hour: 20 shards' worth in one of four, next to nothing in the others. */
function spikyWeek() {
  const slots = Array.from({ length: 8 * 96 }, (_, slot) => slot);
  const days = [{ day: 1, slots: slots.length, bytes: slots.length * 1e6, records: slots.length * 500 }];
  const peaks = slots.map((slot) => (slot % 4 === 0 ? 20 : 1));
  return { firstSlot: Math.floor(NOW / (15 * MINUTE)) - slots.length, peaks, days };
}

const spiky = () =>
  stream(25, 20, {
    profile: spikyWeek(),
    retentionHours: 24,
    fanOutConsumers: 0,
    arn: ARN,
    advantage: false,
  });
const withHotShard = () => stream(4, 1.3, { throttled: 7, shardLoads: loads(1, 0.1) });
const hotOnDemand = () => onDemand(1, { shardLoads: loads(1, 0.01) });

/** Beside whatever is decided. */
export const CHEAPER_MODE = decided(spiky(), { targetUtilisation: 0.75, scaleOutAt: 0.85, max: 40 });

const earlier = entry(NOW - 26 * HOUR, {
  from: 1,
  to: 2,
  trigger: "alarm reflex-prod-stream-orders (ALARM)",
});

export const PAST = history({ entries: [earlier] });

/** The change that a decision is. */
function change(decision: Decision): Action {
  if (decision.kind === "hold") throw new Error(`nothing is changed: ${decision.reasons[0]}`);
  return decision;
}

export const CHANGES: Readonly<Record<Action["kind"], Action>> = {
  UpdateShardCount: change(decided(stream(2, 3.9, { throttled: 1240, iteratorAgeMs: 800 }))),
  SplitShard: change(decided(withHotShard(), { shardMetrics: true })),
  MergeShards: change(decided(stream(8, 2.1, { iteratorAgeMs: 0 }))),
  UpdateStreamWarmThroughput: change(decided(onDemand(6), { max: 40 })),
  UpdateStreamRecordDistributionStrategy: change(decided(hotOnDemand(), { distribution: "auto", max: 40 })),
  UpdateStreamMode: change(
    decided(spiky(), {
      ...{ targetUtilisation: 0.75, scaleOutAt: 0.85, max: 40 },
      streamMode: "switch",
    }),
  ),
};

export const ON_TARGET = decided(stream(4, 2.2, { iteratorAgeMs: 800 }));

/** Polled every minute until twenty minutes ago, and not since. */
export const CONSUMERS_STOPPED = decided({
  ...stream(4, 2),
  reads: { polling: Array.from({ length: 40 }, (_, at) => NOW - (60 - at) * MINUTE), fanOut: [] },
});
