import type { AlarmSpec } from "../../../shared/monitoring/alarm.ts";
import { functionErrorsAlarm, sweepAlarm } from "../../../shared/monitoring/function-alarms.ts";
import { reflexMetric } from "../../../shared/monitoring/metric.ts";
import type { Monitoring, StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { queueNotEmptyAlarm } from "../../../shared/monitoring/queue-alarm.ts";
import { clusterOf, type NodePools } from "../../../shared/node-pools/policy.ts";

const NAME = "drain-nodes";

export function monitoring(pools: NodePools, info: StageInfo): Monitoring {
  return {
    alarms: [
      sweepAlarm(NAME, info),
      functionErrorsAlarm("termination-policy", info),
      // Of other functions nothing is left to do: their sweep has looked again. A Spot warning comes once.
      queueNotEmptyAlarm("failed-events", info.stage, {
        title: "Failed events",
        description: "An invocation failed twice. Its event stays in the queue of failed events for 14 days.",
      }),
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
    severity: "ticket",
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
