import * as z from "zod/mini";
import { askFor, modeByDirection } from "../../../shared/approvals/mode.ts";
import { parsedBy } from "../../../shared/node-pools/scalars.ts";
import { parseWindow, type Window } from "../../../shared/time/windows.ts";

const wholeNumber = (from: number, to: number) => z.int().check(z.gte(from), z.lte(to));
const share = z.number().check(z.gt(0), z.lte(1));

/** The target is at most this share of the point of scale-out. */
const BELOW_SCALE_OUT = 0.9;

function floorTo(value: number): number {
  return Math.floor(value * 1000) / 1000;
}

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

/**
 * What a user may prefer, as defaults of the keys below; docs/decisions/resharding.md shows what each costs and refuses.
 * A key that is set goes before them.
 */
const PREFERENCES = {
  cost: {
    min: 1,
    targetUtilisation: 0.85,
    scaleOutAt: 0.95,
    lookBackMinutes: 30,
    scaleInCooldownMinutes: 20,
    reserveForScaleOut: 3,
    refusalPrice: 20,
    keptShareOfPeak: 0,
  },
  balanced: {
    min: 1,
    targetUtilisation: 0.8,
    scaleOutAt: 0.9,
    lookBackMinutes: 60,
    scaleInCooldownMinutes: 30,
    reserveForScaleOut: 4,
    refusalPrice: 125,
    keptShareOfPeak: 0.1,
  },
  headroom: {
    // As many as a stream on demand begins with: it takes 4 MB/s at once.
    // https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
    min: 4,
    targetUtilisation: 0.6,
    scaleOutAt: 0.75,
    lookBackMinutes: 60,
    scaleInCooldownMinutes: 60,
    reserveForScaleOut: 4,
    refusalPrice: 1000,
    keptShareOfPeak: 1,
  },
} as const;

/** Bounds for a time of the week; the first of a stream's windows that is open counts. */
const timeWindow = z
  .strictObject({
    during: parsedBy<Window>(parseWindow),
    min: z.optional(wholeNumber(1, 10_000)),
    max: z.optional(wholeNumber(1, 10_000)),
  })
  .check(
    z.refine(({ min, max }) => min !== undefined || max !== undefined, {
      error: "min or max: what holds in this window",
    }),
  );

/** The keys of one entry under `streams`. README.md explains each. */
export const streamPolicyKeys = z.strictObject({
  max: z.optional(wholeNumber(1, 10_000)),
  ignore: z._default(z.boolean(), false),
  min: z.optional(wholeNumber(1, 10_000)),
  windows: z.optional(z.array(timeWindow)),
  mode: z.optional(modeByDirection),
  askFor,
  prefer: z._default(z.enum(["cost", "balanced", "headroom"]), "balanced"),
  targetUtilisation: z.optional(share),
  scaleOutAt: z.optional(share),
  scaleOutMinutes: z._default(wholeNumber(1, 15), 5),
  lookBackMinutes: z.optional(wholeNumber(5, 60)),
  scaleInCooldownMinutes: z.optional(wholeNumber(0, 1440)),
  scanIntervalMinutes: z.optional(wholeNumber(1, 60)),
  maxIteratorAgeSeconds: z._default(wholeNumber(1, 604_800), 60),
  scaleOutOnAge: z._default(z.boolean(), false),
  reserveForScaleOut: z.optional(wholeNumber(0, 10)),
  refusalPrice: z.optional(z.number().check(z.gte(0))),
  keptShareOfPeak: z.optional(z.number().check(z.gte(0), z.lte(1))),
  forecast: z._default(z.enum(["daily", "weekly", "off"]), "daily"),
  streamMode: z._default(z.enum(["propose", "switch"]), "propose"),
  distribution: z._default(z.enum(["key", "auto"]), "key"),
  reads: z._default(z.boolean(), false),
  shardMetrics: z._default(z.boolean(), false),
  shardCapacity: z.prefault(shardCapacity, {}),
  create: z.optional(z.strictObject({ shards: wholeNumber(1, 10_000) })),
});

/** The fewest shards that a bound or `create` allows: the preferred minimum is never above what is set. */
function fewestSet({
  max = 1,
  windows = [],
  create,
}: Pick<z.output<typeof streamPolicyKeys>, "max" | "windows" | "create">): number {
  const bounds = windows.map((window) => window.max ?? max);
  return Math.min(max, create?.shards ?? max, ...bounds);
}

/** How one stream, or every stream that matches a pattern, is managed: its keys, and the defaults of what it prefers. */
export const streamPolicy = z
  .pipe(
    streamPolicyKeys.check(
      z.superRefine((keys, context) => {
        if (keys.ignore || keys.max !== undefined) return;
        context.issues.push({ code: "custom", input: keys, path: ["max"], message: "a number" });
      }),
    ),
    z.transform(({ prefer, ...keys }) => {
      const preferred = PREFERENCES[prefer];
      return {
        ...keys,
        // A stream that is ignored is never decided on.
        max: keys.max ?? keys.min ?? 1,
        min: keys.min ?? Math.min(preferred.min, fewestSet(keys)),
        prefer,
        // One that is set low takes the target with it.
        targetUtilisation:
          keys.targetUtilisation ??
          Math.min(preferred.targetUtilisation, floorTo(BELOW_SCALE_OUT * (keys.scaleOutAt ?? 1))),
        scaleOutAt: keys.scaleOutAt ?? preferred.scaleOutAt,
        lookBackMinutes: keys.lookBackMinutes ?? preferred.lookBackMinutes,
        scaleInCooldownMinutes: keys.scaleInCooldownMinutes ?? preferred.scaleInCooldownMinutes,
        reserveForScaleOut: keys.reserveForScaleOut ?? preferred.reserveForScaleOut,
        refusalPrice: keys.refusalPrice ?? preferred.refusalPrice,
        keptShareOfPeak: keys.keptShareOfPeak ?? preferred.keptShareOfPeak,
      };
    }),
  )
  .check(
    z.superRefine((policy, context) => {
      const { min, max, targetUtilisation, scaleOutAt, scaleOutMinutes, lookBackMinutes } = policy;
      const issue = (key: string, message: string) =>
        context.issues.push({ code: "custom", input: policy, path: [key], message });
      if (min > max) issue("min", `at most max (${max})`);
      for (const [at, window] of (policy.windows ?? []).entries()) {
        if ((window.min ?? min) <= (window.max ?? max)) continue;
        const key = window.min === undefined ? "max" : "min";
        const message = key === "min" ? `at most max (${window.max ?? max})` : `at least min (${min})`;
        context.issues.push({ code: "custom", input: window, path: ["windows", at, key], message });
      }
      const shards = policy.create?.shards;
      if (shards !== undefined && (shards < min || shards > max)) {
        context.issues.push({
          ...{ code: "custom", input: policy, path: ["create", "shards"] },
          message: `between min (${min}) and max (${max})`,
        });
      }
      // A scale-in must land clearly below the point of scale-out, or the two would undo each other.
      if (targetUtilisation > BELOW_SCALE_OUT * scaleOutAt) {
        issue(
          "targetUtilisation",
          `at most ${BELOW_SCALE_OUT} x scaleOutAt (${(BELOW_SCALE_OUT * scaleOutAt).toFixed(3)})`,
        );
      }
      if (scaleOutMinutes > lookBackMinutes) {
        issue("scaleOutMinutes", `at most lookBackMinutes (${lookBackMinutes})`);
      }
    }),
  );
export type StreamPolicy = z.output<typeof streamPolicy>;
