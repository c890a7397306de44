import { DRAIN_ANNOTATION } from "../../../shared/kubernetes/drain-mark.ts";
import { DRAIN_TAINT } from "../../../shared/kubernetes/scheduling/toleration.ts";
import type { ClusterView, DecisionView, NodeStateName, NodeView, PoolView, ZoneView } from "./state.ts";

/**
 * What the account has of machines and clusters, as far as it is shown: the shapes of the sandbox's Auto Scaling
 * groups and of the nodes and pods the automations read.
 */
export interface NodePoolFacts {
  readonly groups: readonly GroupFacts[];
  readonly clusters: readonly ClusterFacts[];
  /** Which groups are one pool, in the order to show; a group of no pool comes after, by its own name. */
  readonly pools: readonly { readonly name: string; readonly groups: readonly string[] }[];
}

export interface GroupFacts {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly zones: readonly string[];
  readonly launch: { readonly cluster?: string | undefined };
  readonly members: ReadonlyMap<string, { readonly machine: MachineFacts; readonly state: string }>;
  /** Newest first. */
  readonly activities: readonly { readonly status: string; readonly statusMessage?: string | undefined }[];
}

export interface MachineFacts {
  readonly id: string;
  readonly zone: string;
  readonly instanceType: string;
  readonly spot: boolean;
  readonly launchedAt: number;
}

export interface ClusterFacts {
  readonly name: string;
  readonly nodes: readonly KubernetesNode[];
  readonly pods: readonly KubernetesPod[];
}

interface Amounts {
  readonly milliCpu: number;
  /** Bytes. */
  readonly memory: number;
}

export interface KubernetesNode {
  readonly name: string;
  readonly machine: { readonly instanceId: string } | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  readonly unschedulable: boolean;
  readonly taints: readonly { readonly key: string }[];
  readonly ready: boolean;
  readonly allocatable: Amounts;
}

export interface KubernetesPod {
  readonly controller: { readonly kind: string } | undefined;
  readonly phase: string;
  readonly nodeName: string | undefined;
  readonly deletedAt: number | undefined;
  readonly requests: Amounts;
}

/** The clusters with their pools; pools that run no cluster's pods stand under a cluster without a name. */
export function clusterViews(
  { groups, clusters, pools }: NodePoolFacts,
  decisionOf: (resource: string) => DecisionView | undefined,
): ClusterView[] {
  const poolOf = new Map(pools.flatMap(({ name, groups }) => groups.map((group) => [group, name] as const)));
  const inOrder = new Map(pools.map(({ name }, index) => [name, index]));
  const byPool = [...Map.groupBy(groups, (group) => poolOf.get(group.name) ?? group.name)].sort(
    ([a], [b]) => (inOrder.get(a) ?? pools.length) - (inOrder.get(b) ?? pools.length),
  );
  const byCluster = Map.groupBy(byPool, ([, members]) => members[0]?.launch.cluster ?? "");
  const named = new Map(clusters.map((cluster) => [cluster.name, cluster]));
  const names = [...new Set([...named.keys(), ...byCluster.keys()])].sort();
  return names.map((name) => {
    const cluster = named.get(name) ?? { name, nodes: [], pods: [] };
    const onNodes = nodesByInstance(cluster);
    return {
      name,
      pendingPods: cluster.pods.filter(({ phase, nodeName }) => phase === "Pending" && nodeName === undefined)
        .length,
      runningPods: cluster.pods.filter(({ phase }) => phase === "Running").length,
      pools: (byCluster.get(name) ?? []).map(([pool, members]) =>
        poolView(pool, members, onNodes, decisionOf(`node-pool/${pool}`)),
      ),
    };
  });
}

function poolView(
  name: string,
  groups: readonly GroupFacts[],
  nodes: ReadonlyMap<string, OnNode>,
  decision: DecisionView | undefined,
): PoolView {
  const sum = (amount: (group: GroupFacts) => number) =>
    groups.reduce((all, group) => all + amount(group), 0);
  const members = groups.flatMap((group) => [...group.members.values()]);
  const zones = [...new Set(groups.flatMap((group) => group.zones))].sort();
  const trouble = groups.flatMap(troubleOf)[0];
  return {
    name,
    min: sum(({ min }) => min),
    max: sum(({ max }) => max),
    desired: sum(({ desired }) => desired),
    zones: zones.map(
      (zone): ZoneView => ({
        zone,
        nodes: members
          .filter(({ machine }) => machine.zone === zone)
          .toSorted((a, b) => a.machine.launchedAt - b.machine.launchedAt)
          .map(({ machine, state }) => nodeView(machine, state, nodes.get(machine.id))),
      }),
    ),
    ...(trouble !== undefined && { trouble }),
    ...(decision && { decision }),
  };
}

/** What AWS says of the last launch, while the group has fewer instances than it should. */
function troubleOf({ activities, members, desired }: GroupFacts): string[] {
  const [last] = activities;
  return members.size < desired && last?.status === "Failed" && last.statusMessage !== undefined
    ? [last.statusMessage]
    : [];
}

interface OnNode {
  readonly node: KubernetesNode;
  readonly pods: readonly KubernetesPod[];
}

function nodesByInstance({ nodes, pods }: ClusterFacts): Map<string, OnNode> {
  const live = pods.filter(({ phase }) => phase === "Pending" || phase === "Running");
  const byNode = Map.groupBy(live, ({ nodeName }) => nodeName);
  return new Map(
    nodes.flatMap((node) =>
      node.machine ? [[node.machine.instanceId, { node, pods: byNode.get(node.name) ?? [] }] as const] : [],
    ),
  );
}

function nodeView(machine: MachineFacts, memberState: string, on: OnNode | undefined): NodeView {
  const { id, instanceType, spot } = machine;
  const pods = on?.pods ?? [];
  const share = (amount: (amounts: Amounts) => number): number => {
    const offered = on ? amount(on.node.allocatable) : 0;
    const asked = pods.reduce((all, { requests }) => all + amount(requests), 0);
    return offered > 0 ? Math.min(1, asked / offered) : 0;
  };
  const why = on && whyDrained(on.node);
  return {
    instanceId: id,
    instanceType,
    spot,
    state: stateOf(memberState, on?.node),
    pods: pods.filter(({ controller }) => controller?.kind !== "DaemonSet").length,
    cpu: share(({ milliCpu }) => milliCpu),
    memory: share(({ memory }) => memory),
    ...(why !== undefined && { why }),
  };
}

function stateOf(memberState: string, node: KubernetesNode | undefined): NodeStateName {
  if (node?.taints.some(({ key }) => key === DRAIN_TAINT)) return "draining";
  if (memberState.startsWith("Terminat")) return "leaving";
  if (!node) return "starting";
  if (!node.ready) return "not ready";
  return node.unschedulable ? "cordoned" : "ready";
}

function whyDrained({ annotations }: KubernetesNode): string | undefined {
  return /"cause":"([^"]+)"/.exec(annotations[DRAIN_ANNOTATION] ?? "")?.[1];
}
