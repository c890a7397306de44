import * as z from "zod/mini";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { list, timestamp } from "../wire/scalars.ts";
import { gridOf } from "./get-metric-data.ts";
import { dimensionsOf } from "./metrics/metric.ts";
import { checkStatistic, statisticOf } from "./metrics/statistic.ts";
import type { MetricStore } from "./metrics/store.ts";
import { dimensionSchema, periodSchema } from "./query.ts";

/** AWS answers at most this many datapoints a call. */
const MOST_DATAPOINTS = 1440;

const inputSchema = z.object({
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z._default(list(dimensionSchema), []),
  StartTime: timestamp,
  EndTime: timestamp,
  Period: periodSchema,
  Statistics: z._default(list(z.enum(["SampleCount", "Average", "Sum", "Minimum", "Maximum"])), []),
  ExtendedStatistics: z._default(list(z.string()), []),
  Unit: z.optional(z.string()),
});

export function getMetricStatistics(store: MetricStore, input: unknown) {
  const request = parse(inputSchema, input);
  const { Statistics, ExtendedStatistics, MetricName, Unit } = request;
  if (Statistics.length + ExtendedStatistics.length === 0) {
    throw new AwsError("InvalidParameterCombinationException", "Expected Statistics or ExtendedStatistics.", {
      queryCode: "InvalidParameterCombination",
    });
  }
  ExtendedStatistics.forEach(checkStatistic);
  const metric = {
    namespace: request.Namespace,
    name: MetricName,
    dimensions: dimensionsOf(request.Dimensions),
  };
  const grid = gridOf(request.StartTime, request.EndTime);
  const periodMs = request.Period * 1000;
  checkCount((grid.to - grid.from) / periodMs);
  const unit = Unit ?? store.unitOf(metric) ?? "None";
  const periods = store.read(metric, { ...grid, periodMs, unit: Unit });
  const Datapoints = [...periods].map(([at, bucket]) => ({
    Timestamp: new Date(at),
    Unit: unit,
    ...Object.fromEntries(Statistics.map((name) => [name, statisticOf(name, bucket)])),
    ...(ExtendedStatistics.length > 0 && {
      ExtendedStatistics: new Map(ExtendedStatistics.map((name) => [name, statisticOf(name, bucket)])),
    }),
  }));
  return { Label: MetricName, Datapoints };
}

function checkCount(datapoints: number): void {
  if (datapoints <= MOST_DATAPOINTS) return;
  throw new AwsError(
    "InvalidParameterCombinationException",
    `The request asks for ${Math.ceil(datapoints)} datapoints; at most ${MOST_DATAPOINTS} are answered. ` +
      "Use a longer Period or a shorter time.",
    { queryCode: "InvalidParameterCombination" },
  );
}
