import * as z from "zod/mini";
import type { Properties } from "../service.ts";
import { parse } from "../wire/parse.ts";
import { boolean, integer } from "../wire/scalars.ts";

const whole = (least: number, most: number) =>
  z.pipe(integer, z.number().check(z.minimum(least), z.maximum(most)));

/** `AWS::Lambda::EventSourceMapping`, as far as it is simulated: a Kinesis stream without enhanced fan-out. */
const MappingProperties = z.looseObject({
  EventSourceArn: z.string().check(z.regex(/^arn:[^:]+:kinesis:[^:]*:[^:]*:stream\/[^/]+$/)),
  FunctionName: z.string(),
  Enabled: z._default(boolean, true),
  StartingPosition: z.enum(["TRIM_HORIZON", "LATEST"]),
  BatchSize: z._default(whole(1, 10_000), 100),
  MaximumBatchingWindowInSeconds: z._default(whole(0, 300), 0),
  ParallelizationFactor: z._default(whole(1, 10), 1),
  BisectBatchOnFunctionError: z._default(boolean, false),
  MaximumRetryAttempts: z._default(whole(-1, 10_000), -1),
  MaximumRecordAgeInSeconds: z._default(whole(-1, 604_800), -1),
  FunctionResponseTypes: z._default(z.array(z.literal("ReportBatchItemFailures")), []),
  DestinationConfig: z.optional(
    z.looseObject({ OnFailure: z.optional(z.looseObject({ Destination: z.string() })) }),
  ),
});

export const SIMULATED_PROPERTIES = Object.keys(MappingProperties.shape);

/** How a stream's records are brought to a function. AWS's own names, in the units the sandbox uses. */
export interface MappingSettings {
  readonly streamArn: string;
  readonly functionName: string;
  readonly enabled: boolean;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
  readonly batchSize: number;
  readonly windowMs: number;
  readonly parallelizationFactor: number;
  readonly bisect: boolean;
  /** Infinity: until the records expire. */
  readonly maxRetries: number;
  readonly maxAgeMs: number;
  readonly reportsItemFailures: boolean;
  readonly onFailureArn: string | undefined;
}

/** @throws {AwsError} naming the property that is wrong */
export function mappingSettings(properties: Properties): MappingSettings {
  const given = parse(MappingProperties, properties, "InvalidParameterValueException");
  return {
    streamArn: given.EventSourceArn,
    functionName: given.FunctionName,
    enabled: given.Enabled,
    startingPosition: given.StartingPosition,
    batchSize: given.BatchSize,
    windowMs: given.MaximumBatchingWindowInSeconds * 1000,
    parallelizationFactor: given.ParallelizationFactor,
    bisect: given.BisectBatchOnFunctionError,
    maxRetries: orInfinite(given.MaximumRetryAttempts),
    maxAgeMs: orInfinite(given.MaximumRecordAgeInSeconds) * 1000,
    reportsItemFailures: given.FunctionResponseTypes.length > 0,
    onFailureArn: given.DestinationConfig?.OnFailure?.Destination,
  };
}

function orInfinite(value: number): number {
  return value === -1 ? Number.POSITIVE_INFINITY : value;
}
