import type { DisruptionBudget } from "../../../../shared/kubernetes/budget.ts";
import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import { selects } from "../../../../shared/kubernetes/selector.ts";
import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import type { ClusterNode, Pod, PodShape } from "../../model/cluster.ts";
import { timeOf } from "../../model/wording.ts";
import type { Member } from "../pool/members.ts";
import type { Totals } from "../pool/totals.ts";

/** A node that might go. */
export interface Candidate {
  readonly member: Member;
  readonly node: ClusterNode;
  readonly zone: string;
  /** Its pods that are not finished. */
  readonly pods: readonly Pod[];
  /** What its movable pods ask for. */
  readonly load: Totals;
  /** What it offers beside its DaemonSets. */
  readonly offer: Resources;
  readonly policy: NodePool;
  /** ms since the epoch. */
  readonly now: number;
}

/** The PodDisruptionBudgets that cover a pod. */
export type BudgetsOf = (shape: PodShape) => readonly DisruptionBudget[];

/** Why a node stays, as the end of "node … stays: "; undefined when the rule lets it go. */
type CandidateRule = (candidate: Candidate, budgetsOf: BudgetsOf) => string | undefined;

/** Annotations with which a node's owner keeps it: cluster-autoscaler's and Karpenter's, so that nobody needs a third. */
const KEEP_ANNOTATIONS = [
  "cluster-autoscaler.kubernetes.io/scale-down-disabled",
  "karpenter.sh/do-not-disrupt",
];

const kept: CandidateRule = ({ node }) => {
  const annotation = KEEP_ANNOTATIONS.find((key) => node.annotations[key] === "true");
  return annotation && `it has the annotation ${annotation}`;
};

const protectedByGroup: CandidateRule = ({ member }) =>
  member.instance.protectedFromScaleIn ? "its group protects it from scale-in" : undefined;

/** The group is about to replace it: whatever it is, it is not ours to end. */
const notInService: CandidateRule = ({ member: { instance } }) =>
  instance.state !== "running" || !instance.healthy
    ? "its instance is not healthy and in service"
    : undefined;

const blockedByPod: CandidateRule = ({ pods }) => {
  const pod = pods.find(({ role }) => role === "blocking");
  return pod && `pod ${pod.id} ${pod.blocker ?? "must not be evicted"}`;
};

/** A drain that can not begin would only take the node's room away. */
const blockedByBudget: CandidateRule = ({ pods }, budgetsOf) => {
  for (const { id, role, shape, terminating } of pods) {
    if (role !== "movable" || terminating) continue;
    const budgets = budgetsOf(shape);
    if (budgets.length > 1)
      return `pod ${id} has more than one PodDisruptionBudget, so it can not be evicted`;
    const [budget] = budgets;
    if (budget && budget.disruptionsAllowed <= 0)
      return `PodDisruptionBudget ${budget.namespace}/${budget.name} allows no eviction of pod ${id} now`;
  }
  return undefined;
};

/** A drain of it did not succeed a while ago: it would not succeed now. */
const givenBack: CandidateRule = ({ node, now, policy }) =>
  node.givenBackAt !== undefined && now - node.givenBackAt < policy.drain.softDeadline
    ? `it could not be emptied at ${timeOf(node.givenBackAt)}`
    : undefined;

/** In this order; the first that keeps the node is told. */
const RULES: readonly CandidateRule[] = [
  kept,
  givenBack,
  protectedByGroup,
  notInService,
  blockedByPod,
  blockedByBudget,
];

/** Why a node must stay; undefined when it may go as far as it alone is concerned. */
export function unremovableReason(candidate: Candidate, budgetsOf: BudgetsOf): string | undefined {
  for (const rule of RULES) {
    const why = rule(candidate, budgetsOf);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Looks budgets up by shape: equal pods have equal budgets. */
export function budgetsByShape(budgets: readonly DisruptionBudget[]): BudgetsOf {
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
