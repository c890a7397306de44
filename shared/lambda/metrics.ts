import { Metrics, type MetricUnit } from "@aws-lambda-powertools/metrics";
import { currentTraceId } from "../tracing/trace-id.ts";

export type Dimensions = Readonly<Record<string, string>>;

/** Collects the metrics of one run and writes them as EMF log lines, one for each set of dimensions. */
export interface RunMetrics {
  /** Adds `value` to a count. */
  count(name: string, value?: number, dimensions?: Dimensions): void;
  /** Records one value. */
  record(
    name: string,
    unit: (typeof MetricUnit)[keyof typeof MetricUnit],
    value: number,
    dimensions?: Dimensions,
  ): void;
  /** Writes what was collected and starts anew. */
  flush(): void;
}

export const NAMESPACE = "Reflex";

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

  return {
    count: (name, value = 1, dimensions = {}) => groupOf(dimensions).addMetric(name, "Count", value),
    record: (name, unit, value, dimensions = {}) => groupOf(dimensions).addMetric(name, unit, value),
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
