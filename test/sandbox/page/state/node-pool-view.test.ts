import { describe, expect, it } from "vitest";
import {
  clusterViews,
  type GroupFacts,
  type KubernetesNode,
  type KubernetesPod,
  type NodePoolFacts,
} from "../../../../sandbox/page/state/node-pool-view.ts";

const GIB = 2 ** 30;

function group(
  name: string,
  zone: string,
  members: Readonly<Record<string, string>>,
  changed: Partial<GroupFacts> = {},
): GroupFacts {
  return {
    name,
    min: 1,
    max: 3,
    desired: Object.keys(members).length,
    zones: [zone],
    launch: { cluster: "main" },
    members: new Map(
      Object.entries(members).map(([id, state], launchedAt) => [
        id,
        { machine: { id, zone, instanceType: "m5.large", spot: true, launchedAt }, state },
      ]),
    ),
    activities: [],
    ...changed,
  };
}

const node = (instanceId: string, changed: Partial<KubernetesNode> = {}): KubernetesNode => ({
  name: `node-${instanceId}`,
  machine: { instanceId },
  annotations: {},
  unschedulable: false,
  taints: [],
  ready: true,
  allocatable: { milliCpu: 2000, memory: 8 * GIB },
  ...changed,
});

const pod = (nodeName: string | undefined, changed: Partial<KubernetesPod> = {}): KubernetesPod => ({
  controller: { kind: "ReplicaSet" },
  phase: nodeName === undefined ? "Pending" : "Running",
  nodeName,
  deletedAt: undefined,
  requests: { milliCpu: 500, memory: GIB },
  ...changed,
});

function facts(
  groups: readonly GroupFacts[],
  nodes: readonly KubernetesNode[] = [],
  pods: readonly KubernetesPod[] = [],
): NodePoolFacts {
  const pools = [{ name: "workers", groups: ["workers-a", "workers-b"] }];
  return { groups, clusters: [{ name: "main", nodes, pods }], pools };
}

const onlyNode = (given: NodePoolFacts) =>
  clusterViews(given, () => undefined)[0]?.pools[0]?.zones[0]?.nodes[0];

describe("node pools", () => {
  it("are several groups as one, by zone", () => {
    const groups = [
      group("workers-a", "us-east-1a", { i1: "InService", i2: "InService" }),
      group("workers-b", "us-east-1b", { i3: "InService" }),
    ];
    const [cluster] = clusterViews(facts(groups), () => undefined);
    expect(cluster?.pools).toMatchObject([
      {
        name: "workers",
        min: 2,
        max: 6,
        desired: 3,
        zones: [
          { zone: "us-east-1a", nodes: [{ instanceId: "i1" }, { instanceId: "i2" }] },
          { zone: "us-east-1b", nodes: [{ instanceId: "i3" }] },
        ],
      },
    ]);
  });

  it("count the pods that wait for a node", () => {
    const pods = [pod(undefined), pod(undefined), pod("node-i1")];
    const [cluster] = clusterViews(
      facts([group("workers-a", "a", { i1: "InService" })], [node("i1")], pods),
      () => undefined,
    );
    expect(cluster).toMatchObject({ pendingPods: 2, runningPods: 1 });
  });

  it("show a group of no pool by its own name, after the pools", () => {
    const groups = [group("alone", "a", {}), group("workers-a", "a", {})];
    const [cluster] = clusterViews(facts(groups), () => undefined);
    expect(cluster?.pools.map(({ name }) => name)).toEqual(["workers", "alone"]);
  });

  it("say why a launch failed while nodes are missing", () => {
    const activities = [{ status: "Failed", statusMessage: "no capacity" }];
    const short = group("workers-a", "a", {}, { desired: 1, activities });
    expect(clusterViews(facts([short]), () => undefined)[0]?.pools[0]?.trouble).toBe("no capacity");
  });
});

describe("a node", () => {
  const groups = [group("workers-a", "a", { i1: "InService" })];

  it("fills with what its pods request; DaemonSets' pods are not counted among those to evict", () => {
    const pods = [pod("node-i1"), pod("node-i1", { controller: { kind: "DaemonSet" } })];
    expect(onlyNode(facts(groups, [node("i1")], pods))).toMatchObject({ cpu: 0.5, memory: 0.25, pods: 1 });
  });

  it.each([
    ["starting", "Pending", undefined],
    ["ready", "InService", node("i1")],
    ["not ready", "InService", node("i1", { ready: false })],
    ["cordoned", "InService", node("i1", { unschedulable: true })],
    ["draining", "InService", node("i1", { unschedulable: true, taints: [{ key: "reflex/draining" }] })],
    ["leaving", "Terminating", node("i1")],
  ])("is %s", (state, member, found) => {
    const given = facts([group("workers-a", "a", { i1: member })], found ? [found] : []);
    expect(onlyNode(given)?.state).toBe(state);
  });

  it("says why it is drained", () => {
    const annotations = {
      "reflex/drain": JSON.stringify({ nodePool: "workers", cause: "spot-interruption" }),
    };
    expect(onlyNode(facts(groups, [node("i1", { annotations })]))?.why).toBe("spot-interruption");
  });
});
