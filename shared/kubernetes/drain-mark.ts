import * as z from "zod/mini";
import type { Node, NodePatch, Taint } from "./node.ts";

/** The taint of a node that is being emptied; its value is when that began, in Unix seconds. */
export const DRAIN_TAINT = "reflex/draining";

/** The annotation beside the taint: why, and what is to be done when the node is empty. */
export const DRAIN_ANNOTATION = "reflex/drain";

/** When a node was given back because it could not be emptied, Unix seconds. */
export const DRAIN_CANCELLED_ANNOTATION = "reflex/drain-given-back";

/** Why a node is emptied, and so what follows. */
export type DrainReason =
  /** The scaler's plan: the instance is terminated and the group gets smaller by one. */
  | "scale-in"
  /** A lifecycle hook holds the instance's termination: the hook is completed. */
  | "lifecycle-hook"
  /** AWS takes the Spot instance back two minutes after the warning: nothing is left to do. */
  | "spot-interruption"
  /** AWS expects to take the Spot instance back: its group (or nobody) replaces it. */
  | "rebalance-recommendation";

/** A termination that a lifecycle hook holds back. */
export interface LifecycleHook {
  readonly group: string;
  readonly name: string;
  readonly token: string;
  /** The hook runs out so many seconds after its last heartbeat. */
  readonly heartbeatSeconds: number;
  /** Unix seconds of the last heartbeat, or of the beginning. */
  readonly beatAt: number;
  /** The instance goes back to the warm pool, and its node comes back one day. */
  readonly toWarmPool?: boolean | undefined;
}

/** What is written on a node while it is emptied, so that any later run knows it. */
export interface DrainMark {
  /** When the drain began, Unix seconds. */
  readonly since: number;
  readonly nodePool: string;
  readonly reason: DrainReason;
  readonly instanceId: string;
  /** The scaler's plan, for the ledger and the log. */
  readonly plan?: string | undefined;
  /** The lifecycle hook to complete. */
  readonly hook?: LifecycleHook | undefined;
  /** The node is empty and about to be ended: the drain can no longer be taken back. */
  readonly ending?: boolean | undefined;
  /** When the node was empty (or its time over) and what follows was done, Unix seconds. */
  readonly ended?: number | undefined;
  /** The node had been cordoned by somebody else before: taking our mark away leaves it so. */
  readonly wasCordoned?: boolean | undefined;
}

const annotationShape = z.object({
  nodePool: z.string(),
  reason: z.enum(["scale-in", "lifecycle-hook", "spot-interruption", "rebalance-recommendation"]),
  instanceId: z.string(),
  plan: z.optional(z.string()),
  hook: z.optional(
    z.object({
      group: z.string(),
      name: z.string(),
      token: z.string(),
      heartbeatSeconds: z.number(),
      beatAt: z.number(),
      toWarmPool: z.optional(z.boolean()),
    }),
  ),
  ending: z.optional(z.boolean()),
  ended: z.optional(z.number()),
  wasCordoned: z.optional(z.boolean()),
});

type Marked = Pick<Node, "taints" | "annotations">;

/** True when the node is being emptied by us, whether or not its annotation can be read. */
export const isDraining = (node: Pick<Node, "taints">): boolean =>
  node.taints.some(({ key }) => key === DRAIN_TAINT);

/** The mark on a node; undefined when there is none, or somebody has made it unreadable. */
export function readDrainMark(node: Marked): DrainMark | undefined {
  const since = Number(node.taints.find(({ key }) => key === DRAIN_TAINT)?.value ?? Number.NaN);
  const annotation = annotationShape.safeParse(parsed(node.annotations[DRAIN_ANNOTATION]));
  return Number.isInteger(since) && annotation.success ? { since, ...annotation.data } : undefined;
}

/** Cordon and mark in one write: there is no moment with one and not the other. Fails with 409 on a race. */
export function markPatch(
  node: Marked & Pick<Node, "resourceVersion" | "unschedulable">,
  mark: DrainMark,
): NodePatch {
  // A cordon that stands beside a mark of ours is ours, unless that mark says otherwise.
  const wasCordoned = isDraining(node) ? readDrainMark(node)?.wasCordoned === true : node.unschedulable;
  const { since, ...annotation } = { ...mark, wasCordoned: wasCordoned || undefined };
  return {
    metadata: {
      resourceVersion: node.resourceVersion,
      annotations: { [DRAIN_ANNOTATION]: JSON.stringify(annotation) },
    },
    spec: {
      unschedulable: true,
      taints: [...foreign(node), { key: DRAIN_TAINT, value: String(since), effect: "NoSchedule" }],
    },
  };
}

/** Takes the mark away and un-cordons, unless somebody had cordoned the node before us. Fails with 409 on a race. */
export function unmarkPatch(node: Marked & Pick<Node, "resourceVersion">): NodePatch {
  return {
    metadata: { resourceVersion: node.resourceVersion, annotations: { [DRAIN_ANNOTATION]: null } },
    spec: { unschedulable: readDrainMark(node)?.wasCordoned === true, taints: foreign(node) },
  };
}

/** Every taint but ours. The one that goes with `unschedulable` is Kubernetes' own to set and take away. */
const foreign = ({ taints }: Marked): Taint[] => taints.filter(({ key }) => key !== DRAIN_TAINT);

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

/** True while a node that was given back is to be left alone. */
export function wasDrainCancelled(
  { annotations }: Pick<Node, "annotations">,
  forMs: number,
  now: number,
): boolean {
  const at = Number(annotations[DRAIN_CANCELLED_ANNOTATION] ?? Number.NaN) * 1000;
  return now - at < forMs;
}
