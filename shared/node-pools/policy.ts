import * as z from "zod/mini";
import { askFor, modeByDirection } from "../approvals/mode.ts";
import { milliCpu, wholeUnits } from "../kubernetes/quantity.ts";
import type { Resources } from "../kubernetes/resources.ts";
import { Misconfigured } from "../lambda/errors.ts";
import { parseWindow, type Window } from "../time/windows.ts";
import { drainPolicy } from "./drain-policy.ts";
import { duration, parsedBy } from "./scalars.ts";

const name = z.string().check(z.minLength(1));
const wholeNumber = z.int().check(z.nonnegative());
const percent = z.int().check(z.minimum(1), z.maximum(100));
const window = parsedBy<Window>(parseWindow);

/** A number of nodes, or a share of the pool's nodes (rounded down, but at least one unless it is `0%`). */
export type NodeCount = { readonly count: number } | { readonly percent: number };

const nodeCount = z.union([
  z.pipe(
    wholeNumber,
    z.transform((count): NodeCount => ({ count })),
  ),
  parsedBy(parseShare),
]);

function parseShare(text: string): NodeCount {
  const [, percent] = /^(\d|[1-9]\d|100)%$/.exec(text) ?? [];
  if (percent === undefined)
    throw new Misconfigured(`found "${text}", expected a share of the nodes such as "10%"`);
  return { percent: Number(percent) };
}

/** Capacity that is kept free: nodes, a share of them, or resources in Kubernetes' notation. */
const headroom = z.union([
  nodeCount,
  z.pipe(
    z.strictObject({
      cpu: z.prefault(
        parsedBy((text) => milliCpu(text)),
        "0",
      ),
      memory: z.prefault(
        parsedBy((text) => wholeUnits(text)),
        "0",
      ),
    }),
    z.transform(({ cpu, memory }) => ({ milliCpu: cpu, memory })),
  ),
]);

/** What one node offers its pods: `allocatable` of its status. Needed only while a pool has no node to look at. */
const nodeShape = z.pipe(
  z.strictObject({
    cpu: parsedBy((text) => milliCpu(text)),
    memory: parsedBy((text) => wholeUnits(text)),
    pods: wholeNumber,
    /** Extended resources, for example `{ nvidia.com/gpu: 1 }`. */
    extended: z.optional(z.record(z.string(), wholeNumber)),
    /** Capacity units of one node, where the group counts in weights. */
    units: z._default(z.int().check(z.minimum(1)), 1),
  }),
  z.transform(
    ({ cpu, memory, pods, extended, units }): ConfiguredShape => ({
      allocatable: { milliCpu: cpu, memory, pods, ...(extended && { extended }) },
      units,
    }),
  ),
);

export interface ConfiguredShape {
  readonly allocatable: Resources;
  readonly units: number;
}

const taint = z.strictObject({
  key: name,
  value: z.optional(z.string()),
  effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
});

/** The key of a taint that a node starts with, or the taint as Kubernetes writes it. */
const startupTaint = z.union([
  name,
  z.pipe(
    taint,
    z.transform(({ key }): string => key),
  ),
]);

const bounds = {
  min: z.optional(wholeNumber),
  max: z.optional(wholeNumber),
};

/** Bounds for a time of the week; the first of a pool's windows that is open counts. */
const timeWindow = z.strictObject({ during: window, ...bounds, desired: z.optional(wholeNumber) }).check(
  z.refine(({ min, max, desired }) => [min, max, desired].some((size) => size !== undefined), {
    error: "min, max or desired: what holds in this window",
  }),
  z.refine(({ min, max, desired }) => desired === undefined || (min === undefined && max === undefined), {
    error: "desired alone: it is min and max in one",
  }),
  z.refine(({ min = 0, max = Number.MAX_SAFE_INTEGER }) => min <= max, { error: "min <= max" }),
);

/** How many nodes may be going away at once; without `during` always. */
const disruptionBudget = z.strictObject({ nodes: nodeCount, during: z.optional(window) });

const pool = z
  .strictObject({
    /** `observe`: decide and notify, never write; `ask`: write what a person has approved. */
    mode: z.optional(modeByDirection),
    askFor,

    autoScalingGroups: z.optional(z.array(name).check(z.minLength(1))),
    managedNodeGroup: z.optional(z.strictObject({ cluster: name, name })),
    spotFleet: z.optional(name),

    /** The EKS cluster whose pods it runs. */
    cluster: z.optional(name),
    /** Instead of `cluster`: the `ClusterName` of Container Insights. Grows only: nothing can be drained. */
    containerInsights: z.optional(name),

    ...bounds,
    nodeShape: z.optional(nodeShape),
    labels: z._default(z.record(z.string(), z.string()), {}),
    taints: z._default(z.array(taint), []),
    startupTaints: z._default(z.array(startupTaint), []),

    /** Of two pools that could take a pod, the one with the higher priority gets the node. */
    priority: z._default(z.int(), 0),
    /** Of one node, in any currency: of two pools that waste the same, the cheaper one gets the node. */
    pricePerHour: z.optional(z.number().check(z.positive())),
    headroom: z.optional(headroom),
    targetUtilisation: z._default(percent, 70),
    removeSlowlyBelow: z._default(percent, 60),
    removeFastBelow: z._default(percent, 40),
    scaleInAfter: duration("10m"),
    scaleInDelay: duration("10m"),
    maxNotReady: z._default(nodeCount, { percent: 20 }),
    maxChange: z._default(percent, 100),
    disruptionBudgets: z._default(z.array(disruptionBudget), [{ nodes: { percent: 10 }, during: undefined }]),
    windows: z._default(z.array(timeWindow), []),

    joinWithin: duration("15m"),
    launchBackoff: duration("15m"),
    /** An instance that is no node is terminated after so many times `joinWithin`; 0: never. */
    terminateUnjoinedAfter: z._default(wholeNumber, 2),
    /** A node that is not ready for so long is drained and terminated; `0s`: never. */
    repairNotReadyAfter: duration("30m"),
    drain: z.prefault(drainPolicy, {}),
  })
  .check(
    z.refine(
      ({ autoScalingGroups, managedNodeGroup, spotFleet }) =>
        [autoScalingGroups, managedNodeGroup, spotFleet].filter((kind) => kind !== undefined).length === 1,
      { error: "exactly one of autoScalingGroups, managedNodeGroup and spotFleet: what is scaled" },
    ),
    z.refine(
      ({ cluster, containerInsights, managedNodeGroup }) =>
        [cluster, containerInsights, managedNodeGroup].filter((source) => source !== undefined).length ===
          1 ||
        (managedNodeGroup !== undefined && cluster === undefined),
      {
        error:
          "either cluster (its Kubernetes API is asked) or containerInsights (its metrics are); " +
          "a managedNodeGroup names its cluster itself",
      },
    ),
    z.refine(({ min = 0, max = Number.MAX_SAFE_INTEGER }) => min <= max, { error: "min <= max" }),
    z.superRefine(({ windows, ...bounds }, context) => {
      for (const [at, window] of windows.entries()) {
        const { min = bounds.min ?? 0, max = bounds.max ?? Number.MAX_SAFE_INTEGER } = window;
        if (min <= max) continue;
        const key = window.min === undefined ? "max" : "min";
        const message = key === "min" ? `at most max (${max})` : `at least min (${min})`;
        context.issues.push({ code: "custom", input: window, path: ["windows", at, key], message });
      }
    }),
    z.refine(({ spotFleet, max }) => spotFleet === undefined || max !== undefined, {
      error: "max: a Spot Fleet has no limit of its own",
    }),
    z.refine(
      ({ removeFastBelow, removeSlowlyBelow, targetUtilisation }) =>
        removeFastBelow <= removeSlowlyBelow && removeSlowlyBelow < targetUtilisation,
      {
        error: "removeFastBelow <= removeSlowlyBelow < targetUtilisation, or the pool would go up and down",
      },
    ),
  );

/** One node pool of the config, defaults filled in; durations in milliseconds. */
export type NodePool = z.output<typeof pool>;

/** The config section `nodePools`: node pools by name. A pool earlier in the file is grown first. */
export const nodePools = z.record(z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)), pool).check(
  z.superRefine((pools, context) => {
    const owners = new Map<string, string>();
    for (const [pool, policy] of Object.entries(pools)) {
      for (const scaled of scaledBy(policy)) {
        const other = owners.get(scaled);
        if (other !== undefined) {
          context.addIssue({
            code: "custom",
            path: [pool],
            input: scaled,
            message: `each in one pool only: ${scaled} is in node pool "${other}" too`,
          });
        }
        owners.set(scaled, pool);
      }
    }
  }),
);

export type NodePools = z.output<typeof nodePools>;

/** What a pool scales, in words that are the same for the same thing. */
function scaledBy({ autoScalingGroups = [], managedNodeGroup, spotFleet }: NodePool): string[] {
  return [
    ...autoScalingGroups.map((group) => `Auto Scaling group ${group}`),
    ...(managedNodeGroup ? [`managed node group ${managedNodeGroup.cluster}/${managedNodeGroup.name}`] : []),
    ...(spotFleet === undefined ? [] : [`Spot Fleet ${spotFleet}`]),
  ];
}

/** The EKS cluster a pool's pods run in; undefined for a pool that is sized from metrics. */
export const clusterOf = ({ cluster, containerInsights, managedNodeGroup }: NodePool): string | undefined =>
  containerInsights === undefined ? (cluster ?? managedNodeGroup?.cluster) : undefined;

/** A pool with the name it has in the config. */
export interface NamedPool {
  readonly name: string;
  readonly policy: NodePool;
}

/** The pools of the config, in its order. */
export const namedPools = (pools: NodePools): NamedPool[] =>
  Object.entries(pools).map(([name, policy]) => ({ name, policy }));
