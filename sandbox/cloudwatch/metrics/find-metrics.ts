import type { Search } from "../math/search.ts";
import type { Metric } from "./metric.ts";

/** A SEARCH finds up to 500 time series. */
export const MOST_FOUND = 500;

/** The metrics a search finds, all of them. */
export function findMetrics(metrics: readonly Metric[], search: Search): Metric[] {
  return metrics.filter((metric) => isOfSchema(metric, search) && hasAll(metric, search));
}

function isOfSchema({ namespace, dimensions }: Metric, search: Search): boolean {
  if (namespace !== search.namespace) return false;
  if (Object.keys(dimensions).length !== search.dimensions.length) return false;
  return search.dimensions.every((name) => Object.hasOwn(dimensions, name));
}

function hasAll(metric: Metric, { terms }: Search): boolean {
  return terms.every(({ name, value }) => propertyOf(metric, name) === value);
}

function propertyOf({ namespace, name, dimensions }: Metric, property: string): string | undefined {
  if (property === "MetricName") return name;
  if (property === "Namespace") return namespace;
  return dimensions[property];
}

/**
 * The label each of several metrics has by itself: what differs from the others, as CloudWatch names them;
 * the metric's name where nothing differs.
 */
export function ownLabels(metrics: readonly Metric[]): string[] {
  const parts = metrics.map(({ name, dimensions }) => [...Object.values(sorted(dimensions)), name]);
  const differs = parts[0]?.map((part, place) => parts.some((other) => other[place] !== part)) ?? [];
  return metrics.map(({ name }, index) => {
    return parts[index]?.filter((_, place) => differs[place]).join(" ") || name;
  });
}

function sorted(dimensions: Metric["dimensions"]): Metric["dimensions"] {
  return Object.fromEntries(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)));
}
