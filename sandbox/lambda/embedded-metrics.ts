import * as z from "zod/mini";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";

const EmbeddedMetrics = z.looseObject({
  _aws: z.looseObject({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.looseObject({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.looseObject({ Name: z.string(), Unit: z.optional(z.string()) })),
      }),
    ),
  }),
});

/**
 * Puts the metrics of a log line in CloudWatch's embedded metric format, as CloudWatch Logs does; any other
 * line is left alone.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function putEmbeddedMetrics(line: string, store: Pick<MetricStore, "put">): void {
  if (!line.startsWith("{") || !line.includes('"_aws"')) return;
  const parsed = z.safeParse(EmbeddedMetrics, json(line));
  if (!parsed.success) return;
  const document = parsed.data;
  for (const { Namespace, Dimensions, Metrics } of document._aws.CloudWatchMetrics) {
    for (const names of Dimensions) {
      const dimensions = Object.fromEntries(names.map((name) => [name, String(document[name])]));
      for (const { Name, Unit = "None" } of Metrics) {
        const values = [document[Name]].flat().filter((value) => typeof value === "number");
        if (values.length === 0) continue;
        store.put(Namespace, Name, dimensions, { values }, Unit, document._aws.Timestamp);
      }
    }
  }
}

function json(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
