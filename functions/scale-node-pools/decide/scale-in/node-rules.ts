import type { DisruptionBudget } from "../../../../shared/kubernetes/budget.ts";
import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import { selects } from "../../../../shared/kubernetes/scheduling/selector.ts";
import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import { groupRemovalReason } from "../../../../shared/node-pools/removal-rules/group-rules.ts";
import { instanceRemovalReason } from "../../../../shared/node-pools/removal-rules/instance-rules.ts";
import type { ClusterNode, Pod, PodShape } from "../../model/cluster.ts";
import { type NodeCode, type Reason, reason } from "../../model/reason.ts";
import { timeOf } from "../../model/wording.ts";
import type { Totals } from "../capacity/totals.ts";
import type { Member } from "../pool/members.ts";
import type { GroupState } from "../pool/pool-state.ts";
import { asRemovable, blockedByPodReason, recentlyUnremovableReason } from "../pool/repair-due.ts";

/** A node that might be removed. */
export interface Candidate {
  readonly member: Member;
  readonly node: ClusterNode;
  readonly zone: string;
  readonly group: GroupState;
  /** Its pods that are not finished. */
  readonly pods: readonly Pod[];
  /** What its pods request that need a place elsewhere. */
  readonly requests: Totals;
  /** Its capacity beside its DaemonSets. */
  readonly capacity: Resources;
  readonly policy: NodePool;
  /** ms since the epoch. */
  readonly now: number;
}

/** What the rules read beside the node. */
export interface RemovalContext {
  /** The PodDisruptionBudgets that select a pod. */
  readonly budgetsOf: (shape: PodShape) => readonly DisruptionBudget[];
  /** Capacity units of a group that plans of ours already remove. */
  readonly unitsLeaving: (group: GroupState) => number;
}

/** Why a node must stay; undefined when the rule does not apply. */
type NodeRule = (candidate: Candidate, context: RemovalContext) => Reason<NodeCode> | undefined;

/** Annotations with which a node's owner keeps it: cluster-autoscaler's and Karpenter's, so that nobody needs a third. */
const KEEP_ANNOTATIONS = [
  "cluster-autoscaler.kubernetes.io/scale-down-disabled",
  "karpenter.sh/do-not-disrupt",
];

const scaleDownDisabled: NodeRule = ({ node }) => {
  const annotation = KEEP_ANNOTATIONS.find((key) => node.annotations[key] === "true");
  return annotation === undefined
    ? undefined
    : reason("scale-down-disabled", `it has the annotation ${annotation}`);
};

const recentlyUnremovable: NodeRule = ({ node, now, policy }) => recentlyUnremovableReason(node, policy, now);

const instanceMayGo: NodeRule = ({ member: { instance }, group: { group } }) =>
  instanceRemovalReason(instance.id, asRemovable(instance), group.name);

const blockedByPod: NodeRule = ({ pods }) => blockedByPodReason(pods);

/** So long after the end of its grace period a pod has ended, unless something holds it. */
const OVERDUE_MS = 5 * 60_000;

/** A drain would wait for it until its deadline, be cancelled, and begin again. */
const blockedByEndingPod: NodeRule = ({ pods, now }) => {
  const stuck = pods.find(({ endsAt = now }) => now - endsAt >= OVERDUE_MS);
  return (
    stuck && reason("blocked-by-pod", `pod ${stuck.id} should have ended by ${timeOf(stuck.endsAt ?? now)}`)
  );
};

/** A drain that cannot begin would only take the node's capacity away. */
const blockedByBudget: NodeRule = ({ pods }, { budgetsOf }) => {
  for (const { id, role, shape, terminating } of pods) {
    if (role !== "movable" || terminating) continue;
    const budgets = budgetsOf(shape);
    if (budgets.length > 1) {
      const text = `pod ${id} has more than one PodDisruptionBudget, so it cannot be evicted`;
      return reason("more-than-one-budget", text);
    }
    const [budget] = budgets;
    if (budget && budget.disruptionsAllowed <= 0) {
      const text = `PodDisruptionBudget ${budget.namespace}/${budget.name} allows no eviction of pod ${id} now`;
      return reason("blocked-by-budget", text);
    }
  }
  return undefined;
};

const groupBusy: NodeRule = ({ group: { busy } }) => busy;

const groupMayShrink: NodeRule = ({ member: { instance }, group }, { unitsLeaving }) =>
  groupRemovalReason(group.group, { units: instance.units, unitsLeaving: unitsLeaving(group) });

/** In this order: the first that applies is the reason. */
const RULES: readonly NodeRule[] = [
  scaleDownDisabled,
  recentlyUnremovable,
  instanceMayGo,
  blockedByPod,
  blockedByEndingPod,
  blockedByBudget,
  groupBusy,
  groupMayShrink,
];

/** Why a node must stay, wherever its pods could go; undefined when no rule applies. */
export function unremovableReason(
  candidate: Candidate,
  context: RemovalContext,
): Reason<NodeCode> | undefined {
  for (const rule of RULES) {
    const why = rule(candidate, context);
    if (why) return why;
  }
  return undefined;
}

/** Finds budgets by shape: equal pods have equal budgets. */
export function budgetsByShape(budgets: readonly DisruptionBudget[]): RemovalContext["budgetsOf"] {
  const known = new Map<PodShape, readonly DisruptionBudget[]>();
  return (shape) => {
    const found = known.get(shape);
    if (found) return found;
    const own = budgets.filter(
      ({ namespace, selector }) =>
        namespace === shape.namespace && selector && selects(selector, shape.labels),
    );
    known.set(shape, own);
    return own;
  };
}
