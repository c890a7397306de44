import type { Group, Pod } from "../model/cluster.ts";
import type { Warning } from "../model/decision.ts";
import { count, list, podsNamed } from "../model/wording.ts";
import { membersWithStatus, type PoolState } from "./pool/pool-state.ts";
import { notReadyLimit } from "./scale-in/disruption-budget.ts";
import type { ScaleInPlan } from "./scale-in/scale-in.ts";
import type { ScaleOutPlan } from "./scale-out/scale-out.ts";

/** What a person has to see to, most urgent first. */
export function warningsOf(
  state: PoolState,
  other: string | undefined,
  out: ScaleOutPlan | undefined,
  shrinking: ScaleInPlan | undefined,
): Warning[] {
  const { pool, groups } = state;
  const warnings: Warning[] = [];
  const warn = (code: Warning["code"], about: string, text: string | undefined) => {
    if (text !== undefined) warnings.push({ code, about, text });
  };
  warn("other-scaler", pool.name, other && `${other}: nothing is done while it does`);
  warn("more-than-max-change", pool.name, out?.refused ?? shrinking?.refused);
  for (const limit of out?.limits ?? []) warn("no-room", pool.name, limit);
  warn("waits-in-vain", pool.name, waitInVain(out?.inVain ?? []));
  for (const { group, backoff } of groups) warn("passed-over", group.name, backoff);
  warn("not-ready", pool.name, tooManyNotReady(state));
  for (const group of pool.groups) warn("az-rebalance", group.name, azRebalance(group));
  return warnings;
}

function waitInVain(pods: readonly Pod[]): string | undefined {
  if (pods.length === 0) return undefined;
  return `${podsNamed(pods)} have waited long although nodes seem to have room: kubectl describe pod says why`;
}

function tooManyNotReady(state: PoolState): string | undefined {
  const sick = membersWithStatus(state, "notReady");
  if (sick.length <= notReadyLimit(state.pool.policy, state.size)) return undefined;
  return `${count(sick.length, "node")} not ready: ${list(sick.flatMap(({ node }) => node?.name ?? []))}`;
}

/**
 * AZRebalance ends instances of a larger zone without a drain. EKS drains the nodes of a managed node group itself,
 * and a group with one zone has nothing to balance.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html#AutoScalingBehavior.InstanceUsage
 */
function azRebalance({ kind, name, zones, suspended }: Group): string | undefined {
  if (kind !== "autoScalingGroup" || zones.length < 2 || suspended.includes("AZRebalance")) return undefined;
  return `${name} has ${count(zones.length, "zone")} and its process AZRebalance is on: AWS may end its nodes undrained`;
}
