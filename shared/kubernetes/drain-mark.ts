import * as z from "zod/mini";
import type { Node, NodePatch, Taint } from "./node.ts";
import { DRAIN_TAINT } from "./scheduling/toleration.ts";

/** The annotation beside the taint: why, and what follows when the node is empty. */
export const DRAIN_ANNOTATION = "reflex/drain";

/** The label beside the taint: by it the API server finds marked nodes, also those a person has uncordoned. */
export const DRAIN_LABEL = "reflex/draining";

/** When a drain of the node was last cancelled because it could not succeed, Unix seconds. */
export const DRAIN_CANCELLED_ANNOTATION = "reflex/drain-cancelled";

/** What caused the drain, and so what follows it. */
export type DrainCause =
  /** The scaler's plan: the instance is terminated and the group gets smaller by one. */
  | "scale-in"
  /** A lifecycle hook holds the instance's termination: the hook is completed. */
  | "lifecycle-hook"
  /** AWS takes the Spot instance back two minutes after the warning: nothing is left to do. */
  | "spot-interruption"
  /** AWS expects to take the Spot instance back: its group replaces it. */
  | "rebalance-recommendation";

/**
 * A termination that a lifecycle hook holds. Its group and the action are looked up by the node's own instance:
 * whoever may write annotations could name any other.
 */
export interface LifecycleHook {
  readonly name: string;
  /** The hook times out this long after its last heartbeat. */
  readonly heartbeatTimeoutMs: number;
  /** The last heartbeat, or the start; ms since the epoch. */
  readonly lastHeartbeatAt: number;
  /** The instance returns to the warm pool, and its node may come back. */
  readonly toWarmPool?: boolean | undefined;
}

/** What is written on a node while it is drained, so that any later run can go on. Times are ms since the epoch. */
export interface DrainMark {
  /** From when its deadlines count. */
  readonly startedAt: number;
  /** When the node was cordoned; a pod made later has come back to it. */
  readonly cordonedAt: number;
  readonly nodePool: string;
  readonly cause: DrainCause;
  readonly instanceId: string;
  /** The scaler's plan, for the ledger and the log. */
  readonly plan?: string | undefined;
  /** The lifecycle hook to complete. */
  readonly hook?: LifecycleHook | undefined;
  /** It is cordoned only, and drained once its replacement is there. */
  readonly awaitsReplacement?: boolean | undefined;
  /** The node is empty and about to be removed: the drain can no longer be cancelled. */
  readonly ending?: boolean | undefined;
  /** When the node was empty (or out of time) and what follows was done. */
  readonly endedAt?: number | undefined;
  /** Somebody else had cordoned the node before: removing our mark leaves it cordoned. */
  readonly wasCordoned?: boolean | undefined;
}

/** The annotation as it stands on the node. Kubernetes' own times have whole seconds, and so have these. */
const annotationShape = z.lazy(() =>
  z.object({
    nodePool: z.string(),
    cause: z.enum(["scale-in", "lifecycle-hook", "spot-interruption", "rebalance-recommendation"]),
    instanceId: z.string(),
    cordonedUnixSeconds: z.number(),
    plan: z.optional(z.string()),
    hook: z.optional(
      z.object({
        name: z.string(),
        heartbeatTimeoutSeconds: z.number(),
        lastHeartbeatUnixSeconds: z.number(),
        toWarmPool: z.optional(z.boolean()),
      }),
    ),
    awaitsReplacement: z.optional(z.boolean()),
    ending: z.optional(z.boolean()),
    endedUnixSeconds: z.optional(z.number()),
    wasCordoned: z.optional(z.boolean()),
  }),
);

type Annotation = z.infer<typeof annotationShape>;
type Marked = Pick<Node, "taints" | "annotations">;

/** True when the node is being drained by us, whether or not its annotation can be read. */
export const isDraining = (node: Pick<Node, "taints">): boolean =>
  node.taints.some(({ key }) => key === DRAIN_TAINT);

/** The mark on a node; undefined when there is none, or somebody has made it unreadable. */
export function readDrainMark(node: Marked): DrainMark | undefined {
  const startedAt = fromSeconds(node.taints.find(({ key }) => key === DRAIN_TAINT)?.value);
  const annotation = annotationShape.safeParse(parsed(node.annotations[DRAIN_ANNOTATION]));
  return startedAt !== undefined && annotation.success
    ? fromAnnotation(startedAt, annotation.data)
    : undefined;
}

/** When a drain of this node was last cancelled, ms since the epoch; undefined when none was. */
export const drainCancelledAt = ({ annotations }: Pick<Node, "annotations">): number | undefined =>
  fromSeconds(annotations[DRAIN_CANCELLED_ANNOTATION]);

/** True while a node whose drain was cancelled is to be left alone. */
export const wasDrainCancelled = (node: Pick<Node, "annotations">, forMs: number, now: number): boolean =>
  now - (drainCancelledAt(node) ?? Number.NEGATIVE_INFINITY) < forMs;

/** Cordon and mark in one write: there is no moment with one and not the other. Fails with 409 on a race. */
export function markPatch(
  node: Marked & Pick<Node, "resourceVersion" | "unschedulable">,
  mark: DrainMark,
): NodePatch {
  // A cordon that stands beside a mark of ours is ours, unless that mark says otherwise.
  const wasCordoned = isDraining(node) ? readDrainMark(node)?.wasCordoned === true : node.unschedulable;
  const annotation = toAnnotation({ ...mark, wasCordoned: wasCordoned || undefined });
  const taint: Taint = { key: DRAIN_TAINT, value: String(toSeconds(mark.startedAt)), effect: "NoSchedule" };
  return {
    metadata: {
      resourceVersion: node.resourceVersion,
      labels: { [DRAIN_LABEL]: "true" },
      annotations: { [DRAIN_ANNOTATION]: JSON.stringify(annotation) },
    },
    spec: { unschedulable: true, taints: [...foreign(node), taint] },
  };
}

/** Removes the mark and uncordons, unless somebody had cordoned the node before us. Fails with 409 on a race. */
export function unmarkPatch(node: Marked & Pick<Node, "resourceVersion">): NodePatch {
  return {
    metadata: {
      resourceVersion: node.resourceVersion,
      labels: { [DRAIN_LABEL]: null },
      annotations: { [DRAIN_ANNOTATION]: null },
    },
    spec: { unschedulable: readDrainMark(node)?.wasCordoned === true, taints: foreign(node) },
  };
}

/** Removes what is left of a mark whose taint a person has removed; the cordon is theirs to keep or undo. */
export const forgetPatch = ({ resourceVersion }: Pick<Node, "resourceVersion">): NodePatch => ({
  metadata: {
    resourceVersion,
    labels: { [DRAIN_LABEL]: null },
    annotations: { [DRAIN_ANNOTATION]: null },
  },
});

/** Removes the mark of a node that a person has uncordoned: it stays uncordoned, and is left alone for a while. */
export function takenBackPatch(node: Marked & Pick<Node, "resourceVersion">, now: number): NodePatch {
  const { spec, ...patch } = cancelPatch(node, now);
  return { ...patch, spec: { ...spec, unschedulable: false } };
}

/** Removes the mark of a node whose instance goes without us: nothing new is to come on it. Fails with 409 on a race. */
export function handOverPatch(node: Marked & Pick<Node, "resourceVersion">): NodePatch {
  const patch = unmarkPatch(node);
  return { ...patch, spec: { ...patch.spec, unschedulable: true } };
}

/** Removes the mark as `unmarkPatch` does, and notes on the node that its drain was cancelled. `now` in ms since the epoch. */
export function cancelPatch(node: Marked & Pick<Node, "resourceVersion">, now: number): NodePatch {
  const { metadata, ...patch } = unmarkPatch(node);
  const annotations = { ...metadata?.annotations, [DRAIN_CANCELLED_ANNOTATION]: String(toSeconds(now)) };
  return { metadata: { ...metadata, annotations }, ...patch };
}

/** Every taint but ours. The one that goes with `unschedulable` is Kubernetes' own to set and remove. */
const foreign = ({ taints }: Marked): Taint[] => taints.filter(({ key }) => key !== DRAIN_TAINT);

const toSeconds = (ms: number): number => Math.floor(ms / 1000);

/** Unix seconds as the node has them, in ms; undefined for what is no whole number of seconds. */
function fromSeconds(text: string | undefined): number | undefined {
  const seconds = Number(text ?? Number.NaN);
  return Number.isInteger(seconds) ? seconds * 1000 : undefined;
}

function toAnnotation({ startedAt: _, cordonedAt, endedAt, hook, ...same }: DrainMark): Annotation {
  return {
    ...same,
    cordonedUnixSeconds: toSeconds(cordonedAt),
    ...(hook && { hook: toHookAnnotation(hook) }),
    ...(endedAt !== undefined && { endedUnixSeconds: toSeconds(endedAt) }),
  };
}

const toHookAnnotation = ({ heartbeatTimeoutMs, lastHeartbeatAt, ...same }: LifecycleHook) => ({
  ...same,
  heartbeatTimeoutSeconds: heartbeatTimeoutMs / 1000,
  lastHeartbeatUnixSeconds: toSeconds(lastHeartbeatAt),
});

function fromAnnotation(
  startedAt: number,
  { hook, cordonedUnixSeconds, endedUnixSeconds, ...same }: Annotation,
): DrainMark {
  return {
    ...same,
    startedAt,
    cordonedAt: cordonedUnixSeconds * 1000,
    ...(hook && { hook: fromHookAnnotation(hook) }),
    ...(endedUnixSeconds !== undefined && { endedAt: endedUnixSeconds * 1000 }),
  };
}

const fromHookAnnotation = ({
  heartbeatTimeoutSeconds,
  lastHeartbeatUnixSeconds,
  ...same
}: NonNullable<Annotation["hook"]>): LifecycleHook => ({
  ...same,
  heartbeatTimeoutMs: heartbeatTimeoutSeconds * 1000,
  lastHeartbeatAt: lastHeartbeatUnixSeconds * 1000,
});

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}
