import { type Metric, ofFunction } from "./metric.ts";
import type { DashboardSection, Graph } from "./section.ts";

/** All functions side by side. */
export function functionsSection(functions: readonly string[], stage: string): DashboardSection {
  const graph = (title: string, name: string, stat: Metric["stat"], label?: string): Graph => ({
    title,
    left: { min: 0, ...(label !== undefined && { label }) },
    lines: functions.map((each) => ({
      metric: ofFunction(`reflex-${stage}-${each}`, name, stat),
      label: each,
    })),
  });
  return {
    title: "Functions",
    graphs: [
      graph("Invocations", "Invocations", "Sum"),
      graph("Errors", "Errors", "Sum"),
      graph("Duration, the longest", "Duration", "Maximum", "ms"),
      graph("Throttles", "Throttles", "Sum"),
    ],
  };
}
