/** One decision of each kind, as `decide` comes to it. */

import { decide } from "../../../../functions/scale-node-pools/decide/decide.ts";
import type {
  Cluster,
  ClusterNode,
  Group,
  Pod,
  Pool,
} from "../../../../functions/scale-node-pools/model/cluster.ts";
import type {
  ChangeVerdict,
  Decision,
  WarningCode,
} from "../../../../functions/scale-node-pools/model/decision.ts";
import { failedLaunchOf } from "../../../../functions/scale-node-pools/observe/launches/failed-launch.ts";
import { cluster, LOW_FOR_LONG, MINUTE, machine, NOW, type pod, pool, shape, zonal } from "../given.ts";

/** Pods with names of their own, whatever was made before them. */
const pods = (count: number, over: Parameters<typeof pod>[0] = {}): Pod[] =>
  Array.from({ length: count }, (_, at) => ({
    ...{ id: `shop/web-${at + 1}`, uid: `uid-${at + 1}`, owner: "shop/Deployment/web", shape: shape() },
    ...{ role: "movable", node: undefined, unschedulable: over.node === undefined, terminating: false },
    createdAt: NOW - MINUTE,
    ...over,
  }));

function decided(
  nodes: readonly ClusterNode[],
  groups: readonly Group[],
  { waiting = [], raw = {}, over = {}, more = {} }: Given = {},
): Decision {
  const [decision] = decide(cluster(nodes, waiting, more), [pool(groups, raw, over)], NOW);
  if (!decision) throw new Error("no decision");
  return decision;
}

interface Given {
  readonly waiting?: readonly Pod[];
  readonly raw?: Record<string, unknown>;
  readonly over?: Partial<Pool>;
  readonly more?: Partial<Cluster>;
}

const three = (given: Given = {}, over: Parameters<typeof zonal>[1] = {}): Decision => {
  const { nodes, groups } = zonal([1, 1, 1], over);
  return decided(nodes, groups, given);
};

/** The same groups, the first of them otherwise. */
const firstGroup = (groups: readonly Group[], over: Partial<Group>): Group[] =>
  groups.map((each, at) => (at === 0 ? { ...each, ...over } : each));

function failedLaunch(max: number, waiting: number): Decision {
  const { nodes, groups } = zonal([1, 1]);
  const failed = failedLaunchOf(NOW - MINUTE, "We currently do not have sufficient m5.large capacity");
  const failing = firstGroup(groups, { desired: 5, failedLaunch: failed });
  return decided(nodes, failing, { waiting: pods(waiting), raw: { max } });
}

function longNotReady(stays: readonly Pod[]): Decision {
  const machines = Array.from({ length: 10 }, (_, at) => machine(`n${at}`));
  const notReadySince = NOW - 45 * MINUTE;
  const nodes = machines.map(({ node }, at) => (at === 0 ? { ...node, ready: false, notReadySince } : node));
  const { groups } = zonal([1]);
  const instances = machines.map(({ instance }) => instance);
  const busy = nodes.slice(1).flatMap(({ name }) => pods(1, { node: name, shape: shape({ cpu: 1300 }) }));
  return decided(nodes, firstGroup(groups, { instances, desired: 10 }), { waiting: [...stays, ...busy] });
}

function lost(): Decision {
  const { nodes, groups } = zonal([1, 1, 1]);
  const { instance } = machine("lost", { instance: { launchedAt: NOW - 40 * MINUTE } });
  const [first] = groups;
  const instances = [...(first?.instances ?? []), instance];
  const status = { unjoined: { "i-lost": NOW - 20 * MINUTE } };
  return decided(nodes, firstGroup(groups, { desired: 2, instances }), { over: { status } });
}

function stuck(): Decision {
  const { nodes, groups } = zonal([1]);
  const full = pods(1, { node: "a1", shape: shape({ cpu: 1900 }) });
  const schedulerMessage = '0/3 nodes are available: persistentvolumeclaim "data" not found.';
  const waiting = pods(1, { owner: "shop/StatefulSet/db", schedulerMessage, shape: shape({ cpu: 1900 }) });
  return decided(nodes, groups, { waiting: [...full, ...waiting], raw: { targetUtilisation: 100 } });
}

function idle(): Decision {
  const { nodes, groups } = zonal([2, 2, 2]);
  return decided(nodes, groups, { raw: { disruptionBudgets: [{ nodes: "100%" }] }, over: LOW_FOR_LONG });
}

export const WARNED: Readonly<Record<WarningCode, Decision>> = {
  "managed-elsewhere": three(
    { waiting: pods(40) },
    { groups: { tags: { "k8s.io/cluster-autoscaler/enabled": "true" } } },
  ),
  "max-change": three({ waiting: pods(40), raw: { maxChange: 39 } }),
  "cannot-scale-out": three({ waiting: pods(40), raw: { max: 3 } }),
  "pods-stuck-pending": stuck(),
  "pods-unschedulable": three({ waiting: pods(2, { shape: shape({ cpu: 64_000 }) }) }),
  "objects-unreadable": three({
    more: { unreadable: [{ kind: "pods", id: "shop/new", why: "tolerations.0.operator: Invalid option" }] },
  }),
  "group-backed-off": failedLaunch(10, 4),
  "not-ready": longNotReady(
    pods(1, { node: "n0", role: "blocking", blocker: "has the annotation safe-to-evict: false" }),
  ),
  "az-rebalance": three({}, { groups: { zones: ["us-east-1a", "us-east-1b"] } }),
};

function limits(): Decision {
  const { nodes, groups } = zonal([1], { groups: { kind: "managedNodeGroup", min: 1, max: 2 } });
  const busy = pods(1, { node: "a1", shape: shape({ cpu: 1300 }) });
  return decided(nodes, groups, { waiting: busy, raw: { min: 0, max: 20 } });
}

export const CHANGES: Readonly<Record<ChangeVerdict, Decision>> = {
  "scale-out": three({ waiting: pods(40) }),
  "scale-in": idle(),
  repair: lost(),
  release: failedLaunch(6, 20),
  "set-limits": limits(),
};

export const STEADY = three({
  waiting: ["a1", "b1", "c1"].flatMap((node) => pods(1, { node, shape: shape({ cpu: 1300 }) })),
});
