import * as z from "zod/mini";
import { mode } from "../../../shared/config/load.ts";

const wholeNumber = (from: number, to: number) => z.int().check(z.gte(from), z.lte(to));
const share = z.number().check(z.gt(0), z.lte(1));

/**
 * What one shard takes in one second. The defaults are AWS's limits (write: 1 MiB/s or 1,000 records/s; read:
 * 2 MiB/s). Set them lower where consumers are slower than a shard.
 * https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
 */
const shardCapacity = z.strictObject({
  bytesPerSecond: z._default(z.number().check(z.gte(1), z.lte(1_048_576)), 1_048_576),
  recordsPerSecond: z._default(z.number().check(z.gte(0.1), z.lte(1000)), 1000),
  readBytesPerSecond: z._default(z.number().check(z.gte(1), z.lte(2_097_152)), 2_097_152),
});

/** How one stream, or every stream that matches a pattern, is managed. README.md explains each key. */
export const streamPolicy = z
  .strictObject({
    max: wholeNumber(1, 10_000),
    min: z._default(wholeNumber(1, 10_000), 1),
    mode: z.optional(mode),
    targetUtilisation: z._default(share, 0.6),
    scaleOutAt: z._default(share, 0.8),
    scaleOutMinutes: z._default(wholeNumber(1, 15), 5),
    lookBackMinutes: z._default(wholeNumber(5, 60), 60),
    scaleInCooldownMinutes: z._default(wholeNumber(0, 1440), 60),
    scanIntervalMinutes: z._default(wholeNumber(1, 60), 5),
    maxIteratorAgeSeconds: z._default(wholeNumber(1, 604_800), 60),
    reserveForScaleOut: z._default(wholeNumber(0, 10), 4),
    reads: z._default(z.boolean(), false),
    shardMetrics: z._default(z.boolean(), false),
    mergeWhenQuotaSpent: z._default(z.boolean(), false),
    shardCapacity: z.prefault(shardCapacity, {}),
    create: z.optional(z.strictObject({ shards: wholeNumber(1, 10_000) })),
  })
  .check(
    z.superRefine((policy, context) => {
      const { min, max, targetUtilisation, scaleOutAt, scaleOutMinutes, lookBackMinutes } = policy;
      if (min > max) {
        context.issues.push({
          code: "custom",
          input: policy,
          path: ["min"],
          message: `at most max (${max})`,
        });
      }
      // A scale-in must land clearly below the point of scale-out, or the two would chase each other.
      if (targetUtilisation > 0.9 * scaleOutAt) {
        context.issues.push({
          code: "custom",
          input: policy,
          path: ["targetUtilisation"],
          message: `at most 0.9 x scaleOutAt (${(0.9 * scaleOutAt).toFixed(3)})`,
        });
      }
      if (scaleOutMinutes > lookBackMinutes) {
        context.issues.push({
          code: "custom",
          input: policy,
          path: ["scaleOutMinutes"],
          message: `at most lookBackMinutes (${lookBackMinutes})`,
        });
      }
    }),
  );
export type StreamPolicy = z.output<typeof streamPolicy>;

/** Kinesis' own rule for a stream's name, and `*` for patterns. */
const streamName = z.string().check(z.regex(/^[a-zA-Z0-9_.*-]{1,128}$/));

/** The section `streams`: a stream's name or a pattern, and its policy. */
export const streamPolicies = z.record(streamName, streamPolicy);
export type StreamPolicies = z.output<typeof streamPolicies>;
