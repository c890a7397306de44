/**
 * What others do with the same stream, by their rules as their sources deploy them, in code of our own. All of them know
 * UpdateShardCount only, and see the same late metrics: accepted traffic, never what was refused.
 */
import type { Controller } from "../../scripts/backtest/simulate.ts";

const SHARD_BYTES = 1_048_576 * 60;

/** One alarm: so many of so many periods beyond a threshold. */
interface AlarmRule {
  readonly periodMinutes: number;
  readonly datapoints: number;
  readonly of: number;
  readonly threshold: number;
}

interface PeerRules {
  readonly up: AlarmRule;
  readonly down: AlarmRule;
  /** The count after an alarm, from the open shards and the largest utilisation of the last day. */
  readonly scaledUp: (open: number) => number;
  readonly scaledDown: (open: number, usedShardsOfDay: number) => number;
}

const double = (open: number) => 2 * open;
const halve = (open: number) => Math.ceil(open / 2);

export const PEERS: Readonly<Record<string, () => Controller>> = {
  // terraform/scale.tf: above 75 % for 25 minutes, below 25 % for 285 of 300.
  "aws-samples/kinesis-auto-scaling": () =>
    peer({
      up: { periodMinutes: 5, datapoints: 5, of: 5, threshold: 0.75 },
      down: { periodMinutes: 5, datapoints: 57, of: 60, threshold: 0.25 },
      scaledUp: double,
      scaledDown: halve,
    }),
  // internal/aws/cloudwatch: above 75 % for 5 minutes, below 25 % for 57 of 60.
  "brexhq/substation": () =>
    peer({
      up: { periodMinutes: 1, datapoints: 5, of: 5, threshold: 0.75 },
      down: { periodMinutes: 1, datapoints: 57, of: 60, threshold: 0.25 },
      scaledUp: double,
      scaledDown: halve,
    }),
  // kinesis_upscaler.py, kinesis_downscaler.py. Its alarms are the user's; taken here: above 75 % for 5 minutes, and
  // below 25 % for an hour.
  "epsagon/kinesis-autoscaler": () =>
    peer({
      up: { periodMinutes: 5, datapoints: 1, of: 1, threshold: 0.75 },
      down: { periodMinutes: 5, datapoints: 12, of: 12, threshold: 0.25 },
      scaledUp: (open) => Math.ceil(open * (open <= 3 ? 2 : open <= 50 ? 1.5 : 1.25)),
      scaledDown: (open, used) => Math.max(halve(open), Math.ceil(2 * used)),
    }),
};

/** Never changes anything. */
export const fixed: Controller = () => undefined;

function peer({ up, down, scaledUp, scaledDown }: PeerRules): Controller {
  const accepted: number[] = [];
  const utilisation: number[] = [];
  let newest = Number.NEGATIVE_INFINITY;
  let since = 0;
  return ({ now, model, minutes }) => {
    if (model.isUpdating(now)) return undefined;
    const open = model.shardsAt(now).length;
    for (const minute of minutes.filter(({ at }) => at > newest)) {
      newest = minute.at;
      accepted.push(minute.bytes / SHARD_BYTES);
      utilisation.push(minute.bytes / SHARD_BYTES / open);
    }
    // After a change the alarm begins anew, as its metric math is rewritten for the new count.
    const fresh = utilisation.slice(since);
    const usedOfDay = accepted.slice(-24 * 60).reduce((largest, each) => Math.max(largest, each), 0);
    const target = fires(fresh, up, (value) => value >= up.threshold)
      ? scaledUp(open)
      : fires(fresh, down, (value) => value < down.threshold)
        ? scaledDown(open, usedOfDay)
        : open;
    if (target === open || target < 1) return undefined;
    since = utilisation.length;
    if (model.updateShardCount(target, now) !== "accepted") return undefined;
    return { at: now, kind: "UpdateShardCount", from: open, to: target, verdict: "peer", reason: "" };
  };
}

function fires(
  utilisation: readonly number[],
  { periodMinutes, datapoints, of }: AlarmRule,
  breaches: (value: number) => boolean,
): boolean {
  if (utilisation.length < of * periodMinutes) return false;
  const periods = Array.from({ length: of }, (_, index) => {
    const end = utilisation.length - index * periodMinutes;
    const values = utilisation.slice(end - periodMinutes, end);
    return values.reduce((sum, each) => sum + each, 0) / periodMinutes;
  });
  return periods.filter(breaches).length >= datapoints;
}
