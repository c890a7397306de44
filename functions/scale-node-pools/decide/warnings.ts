import type { Group, Pod } from "../model/cluster.ts";
import type { Warning, WarningCode } from "../model/decision.ts";
import { count, list, podsNamed } from "../model/wording.ts";
import type { Plans, PodFindings } from "./plans.ts";
import { membersWithStatus, type PoolState } from "./pool/pool-state.ts";
import { notReadyLimit } from "./pool/repair-due.ts";
import type { ScaleOutPlan } from "./scale-out/scale-out.ts";
import { shortageInShort } from "./scale-out/shortage.ts";

/** A decision is logged: not every pod of a large Deployment stands in it. */
const MAX_PODS = 50;

/** What a person has to see to, most urgent first. */
export function warningsOf(state: PoolState, { other, own, pods }: Plans): Warning[] {
  const { pool, groups } = state;
  const about = (name: string, code: WarningCode, text: string | undefined): Warning[] =>
    text === undefined ? [] : [{ code, about: name, text }];
  return [
    ...about(pool.name, "managed-elsewhere", other && `${other}: nothing is done while it does`),
    ...about(pool.name, "max-change", (own?.scaleOut.refused ?? own?.scaleIn?.refused)?.text),
    ...(own ? shortageWarnings(state, own.scaleOut) : []),
    ...(pods ? podWarnings(pods) : []),
    ...about(pool.name, "pods-stuck-pending", stuckPending(own?.scaleOut.stuck ?? [])),
    ...groups.flatMap(({ group, backoff }) => about(group.name, "group-backed-off", backoff?.text)),
    ...about(pool.name, "not-ready", tooManyNotReady(state)),
    ...(own?.repair.blocked ?? []).flatMap(({ node, reason: { text } }) =>
      about(node, "not-ready", `node ${node} has not been ready for long, and is not repaired: ${text}`),
    ),
    ...pool.groups.flatMap((group) => about(group.name, "az-rebalance", azRebalance(group))),
  ];
}

/** What the pool should have and cannot get, beside what is added. */
export const shortageWarnings = (
  state: PoolState,
  { added, shortages }: Pick<ScaleOutPlan, "added" | "shortages">,
): Warning[] =>
  shortages.map(({ text }) => ({
    code: "cannot-scale-out",
    about: state.pool.name,
    text,
    inShort: shortageInShort(state, added),
  }));

/** About pods of the cluster, by their workloads. */
function podWarnings({ unschedulable, excluded, unreadable }: PodFindings): Warning[] {
  const ofOwner = Map.groupBy(excluded, ({ pod }) => pod.owner ?? pod.id);
  return [
    ...unschedulable.map(({ pods, why }) => ({
      code: "pods-unschedulable" as const,
      about: pods[0]?.owner ?? pods[0]?.id ?? "",
      text: `${podsNamed(pods)} fit no node pool: ${why.join("; ")}`,
      pods: pods.slice(0, MAX_PODS).flatMap(({ id, uid }) => (uid === undefined ? [] : [{ id, uid }])),
    })),
    ...[...ofOwner].map(([owner, all]) => ({
      code: "pods-stuck-pending" as const,
      about: owner,
      text: `${podsNamed(all.map(({ pod }) => pod))} pending, and no node is launched: ${all[0]?.why}`,
    })),
    ...unreadable.map(({ kind, id, why }) => ({
      code: "objects-unreadable" as const,
      about: id,
      text: `${id} of the ${kind} is left out: ${why}`,
    })),
  ];
}

function stuckPending(pods: readonly Pod[]): string | undefined {
  if (pods.length === 0) return undefined;
  const says = pods.find(({ schedulerMessage }) => schedulerMessage !== undefined)?.schedulerMessage;
  const why = says === undefined ? "kubectl describe pod says why" : `the scheduler says: ${says}`;
  return `${podsNamed(pods)} have waited long although nodes seem to have room: ${why}`;
}

function tooManyNotReady(state: PoolState): string | undefined {
  const notReady = membersWithStatus(state, "notReady");
  if (notReady.length <= notReadyLimit(state.pool.policy, state.size)) return undefined;
  return `${count(notReady.length, "node")} not ready: ${list(notReady.flatMap(({ node }) => node?.name ?? []))}`;
}

/**
 * AZRebalance terminates instances of a larger zone without a drain. EKS drains the nodes of a managed node group
 * itself, and a group with one zone has nothing to balance.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html#AutoScalingBehavior.InstanceUsage
 */
function azRebalance({ kind, name, zones, suspended }: Group): string | undefined {
  if (kind !== "autoScalingGroup" || zones.length < 2 || suspended.includes("AZRebalance")) return undefined;
  const where = `${name} has ${count(zones.length, "zone")} and its process AZRebalance is on`;
  return `${where}: AWS may terminate its nodes without a drain`;
}
