import * as z from "zod/mini";
import { messageOf } from "../../shared/errors/message-of.ts";
import { AwsError } from "../wire/error.ts";

/**
 * A dashboard's body as CloudWatch takes it, as far as this project uses it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
const axis = z.strictObject({
  label: z.optional(z.string()),
  min: z.optional(z.number()),
  max: z.optional(z.number()),
  showUnits: z.optional(z.boolean()),
});

const side = z.enum(["left", "right"]);

const rendering = {
  label: z.optional(z.string()),
  color: z.optional(z.string().check(z.regex(/^#[0-9a-f]{6}$/))),
  yAxis: z.optional(side),
  visible: z.optional(z.boolean()),
  id: z.optional(z.string().check(z.regex(/^[a-z][a-zA-Z0-9_]*$/))),
};
const period = z.int().check(z.multipleOf(60), z.minimum(60));
const statStyle = z.strictObject({ ...rendering, stat: z.optional(z.string()), period: z.optional(period) });
const expression = z.strictObject({ ...rendering, expression: z.string(), period: z.optional(period) });

/** `[namespace, name, dimension, value, …, style]`, with at most 30 dimensions; or `[{ expression }]`. */
const metricRow = z.union([
  z.tuple([expression]),
  z.array(z.unknown()).check(
    z.refine((row) => {
      const names = row.at(-1) !== null && typeof row.at(-1) === "object" ? row.slice(0, -1) : row;
      const isStyled = names.length === row.length || statStyle.safeParse(row.at(-1)).success;
      return (
        isStyled &&
        names.length >= 2 &&
        names.length <= 62 &&
        names.length % 2 === 0 &&
        names.every((name) => typeof name === "string" && name !== "")
      );
    }, "a namespace, a name, pairs of dimensions, and perhaps how it is drawn"),
  ),
]);

const level = z.strictObject({ label: z.string(), value: z.number(), yAxis: z.optional(side) });

const metricProperties = z.strictObject({
  title: z.optional(z.string()),
  region: z.string().check(z.regex(/^[a-z]{2}(-[a-z]+)+-\d$/)),
  view: z.optional(z.enum(["timeSeries", "singleValue", "gauge", "bar", "pie", "table"])),
  stacked: z.optional(z.boolean()),
  stat: z.optional(z.string()),
  period: z.optional(period),
  metrics: z.array(metricRow).check(z.minLength(1), z.maxLength(500)),
  yAxis: z.optional(z.strictObject({ left: z.optional(axis), right: z.optional(axis) })),
  annotations: z.optional(z.strictObject({ horizontal: z.array(level) })),
});

const alarmProperties = z.strictObject({
  title: z.optional(z.string()),
  alarms: z
    .array(z.string().check(z.regex(/^arn:[^:]+:cloudwatch:[^:]+:\d{12}:alarm:.+$/)))
    .check(z.minLength(1), z.maxLength(100)),
});

const place = {
  x: z.int().check(z.minimum(0), z.maximum(23)),
  y: z.int().check(z.minimum(0)),
  width: z.int().check(z.minimum(1), z.maximum(24)),
  height: z.int().check(z.minimum(1), z.maximum(1000)),
};

const widget = z
  .discriminatedUnion("type", [
    z.strictObject({ type: z.literal("metric"), ...place, properties: metricProperties }),
    z.strictObject({
      type: z.literal("text"),
      ...place,
      properties: z.strictObject({ markdown: z.string().check(z.minLength(1)) }),
    }),
    z.strictObject({ type: z.literal("alarm"), ...place, properties: alarmProperties }),
  ])
  .check(z.refine(({ x, width }) => x + width <= 24, "a widget that ends within the 24 columns"));

const body = z.strictObject({
  start: z.optional(z.string().check(z.regex(/^-P/))),
  periodOverride: z.optional(z.enum(["auto", "inherit"])),
  widgets: z.array(widget).check(z.maxLength(500)),
});

export type CheckedBody = z.output<typeof body>;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const MOST_METRICS = 2500;

/** @throws {AwsError} InvalidParameterInput, with everything CloudWatch would not take */
export function checkedDashboardBody(text: string): CheckedBody {
  const parsed = body.safeParse(json(text));
  if (!parsed.success) {
    throw refused(parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  }
  const metrics = metricCount(parsed.data);
  if (metrics > MOST_METRICS)
    throw refused(`${metrics} metrics, and a dashboard takes ${MOST_METRICS} at most`);
  return parsed.data;
}

/** Those of all its widgets, also those that are only there for the math. */
export function metricCount({ widgets }: CheckedBody): number {
  return widgets.reduce((sum, one) => sum + (one.type === "metric" ? one.properties.metrics.length : 0), 0);
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refused(`it is not JSON: ${messageOf(error)}`);
  }
}

function refused(why: string): AwsError {
  return new AwsError("InvalidParameterInput", `The field DashboardBody is not valid: ${why}.`);
}
