import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { integer, list, number, timestamp } from "../wire/scalars.ts";
import type { Sample } from "./metrics/bucket.ts";
import { dimensionsOf } from "./metrics/metric.ts";
import type { MetricStore } from "./metrics/store.ts";
import { dimensionSchema } from "./query.ts";

const HOUR_MS = 3_600_000;
/** PutMetricData takes times from two weeks back to two hours ahead. */
const OLDEST_MS = 14 * 24 * HOUR_MS;
const NEWEST_MS = 2 * HOUR_MS;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MOST_METRICS = 1000;
const MOST_DIMENSIONS = 30;
const MOST_VALUES = 150;

const datumSchema = z.object({
  MetricName: z.string().check(z.minLength(1), z.maxLength(255)),
  Dimensions: z.optional(list(dimensionSchema).check(z.maxLength(MOST_DIMENSIONS))),
  Timestamp: z.optional(timestamp),
  Value: z.optional(number),
  StatisticValues: z.optional(
    z.object({ SampleCount: number, Sum: number, Minimum: number, Maximum: number }),
  ),
  Values: z.optional(list(number).check(z.maxLength(MOST_VALUES))),
  Counts: z.optional(list(number)),
  Unit: z.optional(z.string()),
  StorageResolution: z.optional(integer),
});

const inputSchema = z.object({
  Namespace: z.string().check(z.minLength(1), z.maxLength(255)),
  MetricData: list(datumSchema).check(z.maxLength(MOST_METRICS)),
});

/** PutMetricData: all of the data is taken, or none of it. */
export function putMetricData(store: MetricStore, clock: SandboxClock, input: unknown): void {
  const { Namespace, MetricData } = parse(inputSchema, input);
  if (/^AWS\//i.test(Namespace)) {
    throw invalidValue("Namespace", `"${Namespace}": the prefix AWS/ is for AWS's own services`);
  }
  const now = clock.now();
  const samples = MetricData.map((datum, i) => {
    const at = datum.Timestamp ?? now;
    if (at < now - OLDEST_MS || at > now + NEWEST_MS) {
      const given = new Date(at).toISOString();
      throw invalidValue(`MetricData[${i}].Timestamp`, `${given} is more than 2 weeks old or 2 hours ahead`);
    }
    return { datum, at, sample: sampleOf(datum, `MetricData[${i}]`) };
  });
  for (const { datum, at, sample } of samples) {
    const dimensions = dimensionsOf(datum.Dimensions ?? []);
    store.put(Namespace, datum.MetricName, dimensions, sample, datum.Unit ?? "None", at);
  }
}

function sampleOf(datum: z.infer<typeof datumSchema>, place: string): Sample {
  const { Value, Values, Counts, StatisticValues } = datum;
  const given = [Value, Values, StatisticValues].filter((part) => part !== undefined).length;
  if (given !== 1) {
    throw new AwsError(
      "InvalidParameterCombinationException",
      `${place}: found ${given} of Value, Values and StatisticValues, expected exactly one.`,
      { queryCode: "InvalidParameterCombination" },
    );
  }
  if (Value !== undefined) return { value: Value };
  if (Values !== undefined) {
    if (Counts !== undefined && Counts.length !== Values.length) {
      throw invalidValue(`${place}.Counts`, `${Counts.length} counts for ${Values.length} values`);
    }
    return { values: Values, counts: Counts };
  }
  const { SampleCount = 0, Sum = 0, Minimum = 0, Maximum = 0 } = StatisticValues ?? {};
  return { statisticSet: { count: SampleCount, sum: Sum, min: Minimum, max: Maximum } };
}

function invalidValue(place: string, why: string): AwsError {
  const options = { queryCode: "InvalidParameterValue" };
  return new AwsError("InvalidParameterValueException", `${place}: ${why}.`, options);
}
