import { type AutoScalingClient, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { type EKSClient, UpdateNodegroupConfigCommand } from "@aws-sdk/client-eks";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { unmarkPatch } from "../../../shared/kubernetes/drain-mark.ts";
import { hasStatus } from "../../../shared/kubernetes/errors.ts";
import { patchNode } from "../../../shared/kubernetes/node.ts";
import { Misconfigured, mergeFailures, type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { History, Intent, Outcome } from "../../../shared/ledger/entry.ts";
import type { ClusterNode, Pool } from "../model/cluster.ts";
import type { CapacityChange, Decision, NodeRef } from "../model/decision.ts";
import { type Dependencies, resourceOf } from "../run/dependencies.ts";

/** What the intent says beside the decision. */
export interface Occasion {
  readonly id: string;
  readonly now: number;
  readonly trigger: string;
  readonly traceId?: string | undefined;
}

/** What a decision is carried out on. */
export interface ActInput {
  readonly pool: Pool;
  readonly history: History;
  /** Absent for a pool that is known by metrics only. */
  readonly api?: KubernetesApi | undefined;
  readonly nodes: readonly ClusterNode[];
}

/**
 * Carries out one decision: lease and intent, all calls side by side, the outcome. It may be killed after any
 * of them: the next run finds what the pool shows and decides anew.
 *
 * Throws when nothing was done, or not all of it: `RetryLater` when another run acts or acted, when a group is
 * busy or no answer came; `Blocked` and `Misconfigured` as AWS and Kubernetes answer.
 */
export async function act(
  decision: Decision,
  scene: ActInput,
  occasion: Occasion,
  deps: Dependencies,
  clock: { now(): number },
  signal: AbortSignal,
): Promise<void> {
  const { pool, history } = scene;
  const lease = await deps.ledger.begin(history, intentOf(decision, pool, occasion), occasion.id, signal);
  const results = await Promise.allSettled([
    ...decision.uncordon.map((ref) => uncordon(ref, scene, signal)),
    ...decision.orders.map((order) => orderCapacity(order, pool, deps, signal)),
    ...(decision.drain.length > 0 ? [deps.requestDrain(pool.name, decision.drain, occasion.id, signal)] : []),
  ]);
  const failures = results.flatMap((result) =>
    result.status === "rejected"
      ? [asFailure(result.reason, actionOf(decision, pool), resourceOf(pool.name))]
      : [],
  );
  const outcome = outcomeOf(failures, results.length, clock.now());
  if (outcome) await deps.ledger.finish(lease, outcome, signal);
  const [first, ...others] = failures;
  if (first) throw mergeFailures([first, ...others]);
}

/** For example `autoscaling:SetDesiredCapacity`, or what else the decision comes to. */
export function actionOf(
  { orders, drain }: Pick<Decision, "orders" | "drain">,
  { groups }: Pick<Pool, "groups">,
): string {
  if (drain.length > 0) return "lambda:Invoke drain-nodes";
  if (orders.length === 0) return "kubernetes:uncordon";
  switch (groups[0]?.kind) {
    case "managedNodeGroup":
      return "eks:UpdateNodegroupConfig";
    case "spotFleet":
      return "ec2:ModifySpotFleetRequest";
    default:
      return "autoscaling:SetDesiredCapacity";
  }
}

function intentOf(decision: Decision, pool: Pool, { id, now, trigger, traceId }: Occasion): Intent {
  const { verdict, from, to, reasons, evidence } = decision;
  return {
    id,
    at: now,
    automation: "scale-node-pools",
    action: actionOf(decision, pool),
    direction: verdict === "out" || verdict === "in" ? verdict : "none",
    from,
    to,
    reasons: [...reasons],
    evidence: { ...evidence },
    trigger,
    ...(traceId !== undefined && { traceId }),
  };
}

/**
 * Applied as soon as a part of it was: what is missing the next run sees. Without an outcome the intent stays
 * pending: no answer came, and the next run reads off the pool what became of it.
 */
function outcomeOf(failures: readonly ReflexError[], calls: number, at: number): Outcome | undefined {
  const detail = failures.map(({ message }) => message).join("\n");
  if (failures.length < calls) return { result: "applied", at, ...(detail !== "" && { detail }) };
  if (failures.some((failure) => failure instanceof RetryLater && !(failure instanceof GroupBusy)))
    return undefined;
  return { result: "refused", at, detail };
}

/** The group certainly did not take the order, and will later. */
class GroupBusy extends RetryLater {}

/**
 * Takes the drain's mark and the cordon away. A node that somebody changed since it was seen, or that is no
 * more, is left to the next run.
 */
async function uncordon(
  { node: name }: NodeRef,
  { api, nodes }: ActInput,
  signal: AbortSignal,
): Promise<void> {
  const node = nodes.find((each) => each.name === name);
  if (!api || !node) throw new Misconfigured(`node ${name} is of no cluster that can be asked`);
  try {
    await patchNode(api, name, unmarkPatch(node), signal);
  } catch (error) {
    if (!hasStatus(error, 409) && !hasStatus(error, 404)) throw error;
    throw new RetryLater(`node ${name} was changed or removed since it was seen: the next run looks again`, {
      resource: `node/${name}`,
      call: "kubernetes:patch nodes",
      cause: error,
    });
  }
}

/** Only ever upwards: a lower desired size would let AWS choose which nodes it ends, pods and all. */
async function orderCapacity(
  order: CapacityChange,
  pool: Pool,
  deps: Dependencies,
  signal: AbortSignal,
): Promise<void> {
  const group = pool.groups.find(({ name }) => name === order.group);
  if (!group || order.to < order.from)
    throw new Misconfigured(`an order for ${order.group} that is none of ours`);
  switch (group.kind) {
    case "autoScalingGroup":
      return setDesiredCapacity(order, deps.autoScaling, signal);
    case "managedNodeGroup":
      return updateNodegroup(order, pool, deps.eks, signal);
    case "spotFleet":
      return (await deps.spotFleets()).setTarget(order.group, order.to, signal);
  }
}

async function setDesiredCapacity(
  { group, to }: CapacityChange,
  client: AutoScalingClient,
  abortSignal: AbortSignal,
): Promise<void> {
  const call = "autoscaling:SetDesiredCapacity";
  try {
    await client.send(
      new SetDesiredCapacityCommand({
        AutoScalingGroupName: group,
        DesiredCapacity: to,
        HonorCooldown: false,
      }),
      { abortSignal },
    );
  } catch (error) {
    if (
      isNamed(
        error,
        "ScalingActivityInProgressFault",
        "ScalingActivityInProgress",
        "ResourceContentionFault",
        "ResourceContention",
      )
    ) {
      throw new GroupBusy(`${call} for ${group}: it is busy; the next run orders`, {
        call,
        resource: group,
        cause: error,
      });
    }
    throw asFailure(error, call, group);
  }
}

async function updateNodegroup(
  { from, to, limits }: CapacityChange,
  { name, policy }: Pool,
  client: EKSClient,
  abortSignal: AbortSignal,
): Promise<void> {
  const { managedNodeGroup } = policy;
  const call = "eks:UpdateNodegroupConfig";
  const resource = resourceOf(name);
  if (!managedNodeGroup) throw new Misconfigured(`node pool ${name} has no managed node group`);
  try {
    await client.send(
      new UpdateNodegroupConfigCommand({
        clusterName: managedNodeGroup.cluster,
        nodegroupName: managedNodeGroup.name,
        scalingConfig: {
          ...(to !== from && { desiredSize: to }),
          ...(limits && { minSize: limits.min, maxSize: limits.max }),
        },
      }),
      { abortSignal },
    );
  } catch (error) {
    if (isNamed(error, "ResourceInUseException")) {
      throw new GroupBusy(
        `${call}: the last update of ${managedNodeGroup.name} still runs; the next run orders`,
        {
          call,
          resource,
          cause: error,
        },
      );
    }
    throw asFailure(error, call, resource);
  }
}

const isNamed = (error: unknown, ...names: readonly string[]): boolean =>
  error instanceof Error && names.includes(error.name);
