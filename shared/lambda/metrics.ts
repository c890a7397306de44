import { Metrics, type MetricUnit } from "@aws-lambda-powertools/metrics";
import { currentTraceId } from "../tracing/trace-id.ts";

export type Dimensions = Readonly<Record<string, string>>;

/** Collects the metrics of one run and writes them as EMF log lines, one for each set of dimensions. */
export interface RunMetrics {
  /** Adds `value` to a count. Nothing is published for 0: CloudWatch bills a metric by the hours it is published in. */
  count(name: string, value?: number, dimensions?: Dimensions): void;
  /** Records one value. */
  record(
    name: string,
    unit: (typeof MetricUnit)[keyof typeof MetricUnit],
    value: number,
    dimensions?: Dimensions,
  ): void;
  /** Adds a value to the log line of these dimensions only: it can be searched for, and is no metric that is billed. */
  note(name: string, value: number, dimensions?: Dimensions): void;
  /** Writes what was collected and starts anew. */
  flush(): void;
}

export const NAMESPACE = "Reflex";

/**
 * What one alarm watches for the whole service: it is published under the service `reflex` too, since an alarm is billed by
 * the metrics it watches.
 */
const OF_THE_WHOLE_SERVICE: ReadonlySet<string> = new Set([
  "NotificationFailures",
  "MinutesStale",
  "DecisionLatency",
]);

/** Every metric carries the dimension `service`: the automation's name. */
export function createRunMetrics(automation: string): RunMetrics {
  const byDimensions = new Map<string, Metrics>();

  const groupOf = (dimensions: Dimensions): Metrics => {
    const key = JSON.stringify(Object.entries(dimensions).sort());
    const known = byDimensions.get(key);
    if (known) return known;
    const group = new Metrics({
      namespace: NAMESPACE,
      serviceName: automation,
      defaultDimensions: dimensions,
    });
    byDimensions.set(key, group);
    return group;
  };

  const wholeService = (): Metrics => {
    const known = byDimensions.get("reflex");
    if (known) return known;
    const group = new Metrics({ namespace: NAMESPACE, serviceName: "reflex" });
    byDimensions.set("reflex", group);
    return group;
  };

  const record: RunMetrics["record"] = (name, unit, value, dimensions = {}) => {
    groupOf(dimensions).addMetric(name, unit, value);
    if (OF_THE_WHOLE_SERVICE.has(name)) wholeService().addMetric(name, unit, value);
  };

  return {
    count: (name, value = 1, dimensions = {}) => {
      if (value !== 0) record(name, "Count", value, dimensions);
    },
    record,
    note: (name, value, dimensions = {}) => groupOf(dimensions).addMetadata(name, String(value)),
    flush: () => {
      const traceId = currentTraceId();
      for (const group of byDimensions.values()) {
        if (!group.hasStoredMetrics()) continue;
        // By the name that the log lines have it under.
        if (traceId !== undefined) group.addMetadata("xray_trace_id", traceId);
        group.publishStoredMetrics();
      }
      byDimensions.clear();
    },
  };
}
