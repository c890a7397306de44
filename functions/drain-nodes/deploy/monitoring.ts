import type { AlarmSpec } from "../../../shared/monitoring/alarm.ts";
import { functionAlarms, noInvocationsAlarm, runsOf } from "../../../shared/monitoring/function-alarms.ts";
import { reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { clusterOf, type NodePools } from "../../../shared/node-pools/policy.ts";

const NAME = "drain-nodes";

export function monitoring(pools: NodePools, info: StageInfo): Monitoring {
  return {
    alarms: [
      ...functionAlarms(NAME, info),
      ...functionAlarms("termination-policy", info),
      noInvocationsAlarm(NAME, runsOf(NAME, info)),
      ...Object.entries(pools)
        .filter(([, policy]) => clusterOf(policy) !== undefined)
        .map(([pool, { drain }]) => stuck(pool, Math.max(drain.softDeadline, drain.hardDeadline))),
    ],
  };
}

/** Every drain has come to its end by its deadline, one way or the other; this much later it is stuck. */
const LATE_MS = 10 * 60_000;

function stuck(pool: string, deadlineMs: number): AlarmSpec {
  const seconds = (deadlineMs + LATE_MS) / 1000;
  return {
    name: `${NAME}-stuck-${pool}`,
    title: "Node drain stuck",
    description: `A node of ${pool} has been draining for more than ${seconds} s, ${LATE_MS / 60_000} minutes past its last deadline.`,
    of: reflexMetric(NAME, "DrainAge", "Maximum", { NodePool: pool }),
    rule: {
      comparison: "GreaterThanThreshold",
      threshold: seconds,
      period: 60,
      datapoints: 3,
      among: 5,
      treatMissing: "notBreaching",
    },
    nestedIn: { name: "DrainAlarms", count: 1 },
  };
}
