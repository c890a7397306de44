import * as z from "zod/mini";
import type { Properties } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { boolean, integer, number } from "../wire/scalars.ts";
import { type RecordFilter, recordFilter } from "./filters.ts";

const whole = (least: number, most: number) =>
  z.pipe(integer, z.number().check(z.minimum(least), z.maximum(most)));

/** A stream, or one of its consumers. */
const KINESIS_ARN = /^(arn:[^:]+:kinesis:[^:]*:[^:]*:stream\/[^/]+)(?:\/consumer\/[^:/]+:[0-9]+)?$/;

/** `AWS::Lambda::EventSourceMapping` of a Kinesis stream, as far as it is simulated. */
const MappingProperties = z.looseObject({
  EventSourceArn: z.string().check(z.regex(KINESIS_ARN)),
  FunctionName: z.string(),
  Enabled: z._default(boolean, true),
  StartingPosition: z.enum(["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"]),
  StartingPositionTimestamp: z.optional(number),
  BatchSize: z._default(whole(1, 10_000), 100),
  MaximumBatchingWindowInSeconds: z._default(whole(0, 300), 0),
  ParallelizationFactor: z._default(whole(1, 10), 1),
  BisectBatchOnFunctionError: z._default(boolean, false),
  MaximumRetryAttempts: z._default(whole(-1, 10_000), -1),
  MaximumRecordAgeInSeconds: z._default(whole(-1, 604_800), -1),
  FunctionResponseTypes: z._default(z.array(z.literal("ReportBatchItemFailures")), []),
  FilterCriteria: z.optional(
    z.looseObject({
      Filters: z._default(z.array(z.looseObject({ Pattern: z._default(z.string(), "{}") })), []),
    }),
  ),
  DestinationConfig: z.optional(
    z.looseObject({ OnFailure: z.optional(z.looseObject({ Destination: z.string() })) }),
  ),
});

export const SIMULATED_PROPERTIES = Object.keys(MappingProperties.shape);

/** Where a new mapping begins; `at` is ms since the epoch. */
export type StartingPosition = "TRIM_HORIZON" | "LATEST" | { readonly at: number };

/** How a stream's records are brought to a function. AWS's own names, in the units the sandbox uses. */
export interface MappingSettings {
  readonly streamArn: string;
  /** What the mapping names, and its records: the stream, or its consumer. */
  readonly eventSourceArn: string;
  readonly functionName: string;
  readonly enabled: boolean;
  readonly startingPosition: StartingPosition;
  readonly filter: RecordFilter;
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
    streamArn: KINESIS_ARN.exec(given.EventSourceArn)?.[1] ?? given.EventSourceArn,
    eventSourceArn: given.EventSourceArn,
    functionName: given.FunctionName,
    enabled: given.Enabled,
    startingPosition: startingPosition(given),
    filter: recordFilter((given.FilterCriteria?.Filters ?? []).map(({ Pattern }) => Pattern)),
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

function startingPosition({
  StartingPosition: position,
  StartingPositionTimestamp: seconds,
}: z.output<typeof MappingProperties>): StartingPosition {
  if (position !== "AT_TIMESTAMP") {
    if (seconds === undefined) return position;
    throw refused("StartingPositionTimestamp is only valid with the StartingPosition AT_TIMESTAMP.");
  }
  if (seconds === undefined) throw refused("StartingPositionTimestamp is required with AT_TIMESTAMP.");
  return { at: seconds * 1000 };
}

const refused = (message: string): AwsError => new AwsError("InvalidParameterValueException", message);

function orInfinite(value: number): number {
  return value === -1 ? Number.POSITIVE_INFINITY : value;
}
