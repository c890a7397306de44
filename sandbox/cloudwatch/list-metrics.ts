import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import { page } from "../wire/page.ts";
import { parse } from "../wire/parse.ts";
import { list } from "../wire/scalars.ts";
import { dimensionList, type Metric } from "./metrics/metric.ts";
import type { MetricStore } from "./metrics/store.ts";

const PAGE_SIZE = 500;

const inputSchema = z.object({
  Namespace: z.optional(z.string()),
  MetricName: z.optional(z.string()),
  Dimensions: z._default(list(z.object({ Name: z.string(), Value: z.optional(z.string()) })), []),
  RecentlyActive: z.optional(z.literal("PT3H")),
  NextToken: z.optional(z.string()),
});

export function listMetrics(store: MetricStore, clock: SandboxClock, input: unknown) {
  const filter = parse(inputSchema, input);
  const metrics = store
    .list(filter.RecentlyActive && clock.now())
    .filter((metric) => matches(metric, filter));
  const { items, nextToken } = page(metrics, filter.NextToken, PAGE_SIZE);
  const Metrics = items.map(({ namespace, name, dimensions }) => {
    return { Namespace: namespace, MetricName: name, Dimensions: dimensionList(dimensions) };
  });
  return { Metrics, NextToken: nextToken };
}

function matches({ namespace, name, dimensions }: Metric, filter: z.infer<typeof inputSchema>): boolean {
  if (filter.Namespace !== undefined && filter.Namespace !== namespace) return false;
  if (filter.MetricName !== undefined && filter.MetricName !== name) return false;
  return filter.Dimensions.every(({ Name, Value }) => {
    return Value === undefined ? Object.hasOwn(dimensions, Name) : dimensions[Name] === Value;
  });
}
