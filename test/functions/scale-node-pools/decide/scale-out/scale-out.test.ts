import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type { Group, Pod } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../../../functions/scale-node-pools/model/decision.ts";
import { cluster, GIB, group, MINUTE, machine, manyPods, NOW, pod, pool, shape, zonal } from "../../given.ts";

const ZONE = "topology.kubernetes.io/zone";
const inZone = (zone: string) => ({ nodeSelector: { [ZONE]: zone } });

const one = (...args: Parameters<typeof decide>): Decision => {
  const [decision] = decide(...args);
  if (!decision) throw new Error("no decision");
  return decision;
};

/** The new sizes, by group. */
const sizes = ({ capacityChanges }: Decision) =>
  Object.fromEntries(capacityChanges.map(({ group, to }) => [group, to]));

const changed = (groups: readonly Group[], name: string, over: Partial<Group>): Group[] =>
  groups.map((each) => (each.name === name ? { ...each, ...over } : each));

describe("a burst of pending pods", () => {
  test("gets nodes at once, to the exact need, balanced over the zones", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    // 40 pods of half a core on nodes of two cores at 70 %: 14.3 nodes.
    const decision = one(cluster(nodes, manyPods(40)), [pool(groups)], NOW);
    expect(decision).toMatchObject({ verdict: "scale-out", from: 3, to: 15, nodesNeeded: 15 });
    expect(sizes(decision)).toEqual({ "workers-a": 5, "workers-b": 5, "workers-c": 5 });
  });

  test("waits where the group cannot be changed now", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const busy = groups.map((each) => ({ ...each, busy: "its last update still runs" }));
    expect(one(cluster(nodes, manyPods(40)), [pool(busy)], NOW).capacityChanges).toEqual([]);
    const others = changed(groups, "workers-a", { busy: "its last update still runs" });
    expect(Object.keys(sizes(one(cluster(nodes, manyPods(40)), [pool(others)], NOW)))).toEqual([
      "workers-b",
      "workers-c",
    ]);
  });

  test("goes to the smallest zones first", () => {
    const { nodes, groups } = zonal([4, 1, 2]);
    const busy = nodes.flatMap(({ name }) => manyPods(2, { node: name, shape: shape({ cpu: 650 }) }));
    const decision = one(
      cluster(nodes, [...busy, ...manyPods(6, { shape: shape({ cpu: 1000 }) })]),
      [pool(groups)],
      NOW,
    );
    expect(sizes(decision)).toEqual({ "workers-b": 4, "workers-c": 3 });
  });

  test("goes where each group still has room", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const limited = changed(changed(groups, "workers-a", { max: 1 }), "workers-b", { max: 3 });
    const decision = one(cluster(nodes, manyPods(40)), [pool(limited)], NOW);
    expect(sizes(decision)).toEqual({ "workers-b": 3, "workers-c": 10 });
    expect(decision.warnings.map(({ code }) => code)).toEqual(["cannot-scale-out"]);
  });

  test("stops at the pool's max and says who keeps waiting", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const decision = one(cluster(nodes, manyPods(40)), [pool(groups, { max: 6 })], NOW);
    expect(decision.to).toBe(6);
    expect(decision.reasons.map(({ text }) => text).join()).toMatch(
      /16 pods .* keep waiting: the pool has 6 of at most 6 nodes/,
    );
  });

  test("gets nodes once: what was ordered counts", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const waiting = manyPods(40);
    const first = one(cluster(nodes, waiting), [pool(groups)], NOW);
    const ordered = groups.map((each) => ({ ...each, desired: sizes(first)[each.name] ?? each.desired }));
    const second = one(cluster(nodes, waiting), [pool(ordered, {}, { lastScaleOutAt: NOW })], NOW + MINUTE);
    expect(second).toMatchObject({ verdict: "hold", from: 15, to: 15 });
  });

  test("waits for instances that are launched and have not joined", () => {
    const { nodes, groups } = zonal([1]);
    const starting = { ...machine("a2").instance, state: "starting" as const, launchedAt: NOW - MINUTE };
    const group = {
      ...groups[0],
      instances: [...(groups[0]?.instances ?? []), starting],
      desired: 2,
    } as Group;
    expect(one(cluster(nodes, manyPods(5)), [pool([group])], NOW).verdict).toBe("hold");
  });

  test("waits for a node that has joined and is not ready yet", () => {
    const { nodes, groups } = zonal([1]);
    const young = machine("a2", {
      node: {
        ready: false,
        createdAt: NOW - MINUTE,
        taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }],
      },
    });
    const group = {
      ...groups[0],
      instances: [...(groups[0]?.instances ?? []), young.instance],
      desired: 2,
    } as Group;
    expect(one(cluster([...nodes, young.node], manyPods(5)), [pool([group])], NOW).verdict).toBe("hold");
  });

  test("that fits no node of the pool buys nothing", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const strange = [
      ...manyPods(9, { shape: shape({ cpu: 4000 }) }),
      ...manyPods(9, { shape: shape({ nodeSelector: { disk: "ssd" } }) }),
      ...manyPods(9, { shape: shape(inZone("us-east-1d")) }),
    ];
    expect(one(cluster(nodes, strange), [pool(groups)], NOW)).toMatchObject({
      verdict: "hold",
      capacityChanges: [],
    });
  });

  test("not looked at by the scheduler yet buys nothing", () => {
    const { nodes, groups } = zonal([1]);
    expect(
      one(cluster(nodes, manyPods(40, { unschedulable: false })), [pool(groups)], NOW).capacityChanges,
    ).toEqual([]);
  });
});

describe("pods that can not be anywhere", () => {
  test("get nodes in the zone of their volume", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const volume = [{ labels: [{ key: ZONE, operator: "In" as const, values: ["us-east-1b"] }], fields: [] }];
    const waiting = manyPods(2, { shape: shape({ cpu: 1900, nodeSelectors: [volume] }) });
    const full = nodes.map(({ name }) => pod({ node: name, shape: shape({ cpu: 1200 }) }));
    expect(
      sizes(one(cluster(nodes, [...full, ...waiting]), [pool(groups)], NOW))["workers-b"],
    ).toBeGreaterThanOrEqual(3);
  });

  test("get a node each when they want to be apart", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const labels = { app: "db" };
    const selector = { matchLabels: labels, matchExpressions: [] };
    const alone = {
      kind: "apart" as const,
      key: "kubernetes.io/hostname",
      selector,
      namespaces: ["default"],
      maxSkew: 0,
    };
    const waiting = manyPods(5, { shape: shape({ cpu: 10, mib: 10, labels, topology: [alone] }) });
    expect(one(cluster(nodes, waiting), [pool(groups)], NOW)).toMatchObject({ from: 3, to: 5 });
  });

  test("reach the zone they need in a group of many zones, through the zones AWS fills before", () => {
    const a = machine("a1");
    const b = machine("b1", { zone: "us-east-1b" });
    const many = group("workers", [a.instance, b.instance], {
      zones: ["us-east-1a", "us-east-1b", "us-east-1c"],
    });
    const full = [a, b].map(({ node }) => pod({ node: node.name, shape: shape({ cpu: 1300 }) }));
    const waiting = pod({ shape: shape({ cpu: 1000, ...inZone("us-east-1a") }) });
    // The group's next node comes up in c, the one after it in a.
    expect(one(cluster([a.node, b.node], [...full, waiting]), [pool([many])], NOW)).toMatchObject({
      from: 2,
      to: 4,
    });
  });
});

describe("a pod the scheduler refuses, although the simulation has a place for it", () => {
  const waitingSince = (minutes: number) => pod({ createdAt: NOW - minutes * MINUTE });

  test("is waited for at first", () => {
    const { nodes, groups } = zonal([1]);
    expect(one(cluster(nodes, [waitingSince(4)]), [pool(groups)], NOW).verdict).toBe("hold");
  });

  test("gets a new node after a while", () => {
    const { nodes, groups } = zonal([1]);
    expect(one(cluster(nodes, [waitingSince(5)]), [pool(groups)], NOW)).toMatchObject({
      verdict: "scale-out",
      from: 1,
      to: 2,
    });
  });

  test("gets no other while that one is on its way", () => {
    const { nodes, groups } = zonal([1]);
    const ordered = groups.map((each) => ({ ...each, desired: 2 }));
    expect(one(cluster(nodes, [waitingSince(6)]), [pool(ordered)], NOW).verdict).toBe("hold");
  });

  test("gets no other when one has come since; it is notified", () => {
    const { nodes, groups } = zonal([2]);
    const came = nodes.map((node) => (node.name === "a2" ? { ...node, createdAt: NOW - 8 * MINUTE } : node));
    const decision = one(cluster(came, [waitingSince(12)]), [pool(groups)], NOW);
    expect(decision).toMatchObject({ verdict: "hold", warnings: [{ code: "pods-stuck-pending" }] });
  });
});

describe("the size of a node", () => {
  test("is without what DaemonSets take of it", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const agent = { id: "kube-system/agent", shape: shape({ cpu: 1000, mib: 64 }) };
    const daemon = (node: string): Pod =>
      pod({ node, role: "daemon", daemonSet: agent.id, shape: agent.shape });
    // Half of each node is left: 40 pods of half a core at 70 % are 28.6 nodes.
    const decision = one(
      cluster(nodes, [...nodes.map(({ name }) => daemon(name)), ...manyPods(40)], { daemonSets: [agent] }),
      [pool(groups)],
      NOW,
    );
    expect(decision.to).toBe(29);
  });

  test("comes from the config while the pool is empty", () => {
    const { groups } = zonal([0, 0, 0]);
    const raw = { nodeShape: { cpu: "4", memory: "16Gi", pods: 58 } };
    expect(one(cluster([], manyPods(28)), [pool(groups, raw)], NOW)).toMatchObject({ from: 0, to: 5 });
  });

  test("comes from the pool's last node while the pool is empty", () => {
    const { groups } = zonal([0, 0, 0]);
    const status = {
      shape: {
        allocatable: { milliCpu: 4000, memory: 16 * GIB, pods: 58 },
        labels: { disk: "ssd" },
        taints: [],
        units: 1,
      },
    };
    const waiting = manyPods(28, { shape: shape({ nodeSelector: { disk: "ssd" } }) });
    expect(one(cluster([], waiting), [pool(groups, {}, { status })], NOW)).toMatchObject({ from: 0, to: 5 });
  });

  test("is kept for the time when the pool has no node", () => {
    const { nodes, groups } = zonal([1], { node: { labels: { disk: "ssd", [ZONE]: "us-east-1a" } } });
    const { status } = one(cluster(nodes, []), [pool(groups)], NOW);
    expect(status.shape).toEqual({
      allocatable: nodes[0]?.allocatable,
      labels: { disk: "ssd" },
      taints: [],
      units: 1,
    });
  });

  test("comes from a node whose kubelet has died, where nothing else shows it", () => {
    const { nodes, groups } = zonal([1], { node: { ready: false } });
    const decision = one(cluster(nodes, manyPods(5)), [pool(groups)], NOW);
    expect(decision).toMatchObject({ verdict: "scale-out", from: 1 });
    // One that is still to become ready may not have all of it yet.
    const young = zonal([1], { node: { ready: false, createdAt: NOW - MINUTE } });
    expect(one(cluster(young.nodes, manyPods(5)), [pool(young.groups)], NOW)).toMatchObject({
      verdict: "hold",
    });
  });

  test("that nobody knows buys nothing, and says what to do", () => {
    const { groups } = zonal([0]);
    const decision = one(cluster([], manyPods(5)), [pool(groups, { min: 1 })], NOW);
    expect(decision).toMatchObject({ verdict: "hold", capacityChanges: [] });
    expect(decision.reasons.map(({ text }) => text).join()).toContain("give the pool a nodeShape");
  });

  test("that nobody knows is asked for while pods wait, also where no node has to be", () => {
    const { groups } = zonal([0]);
    const decision = one(cluster([], manyPods(5)), [pool(groups)], NOW);
    expect(decision).toMatchObject({ verdict: "hold", capacityChanges: [] });
    expect(decision.reasons[0]?.text).toMatch(
      /^5 pods .* wait, perhaps for this pool: .* give the pool a nodeShape$/,
    );
  });

  test("in capacity units is what the order is made in", () => {
    const big = machine("a1", { instance: { units: 4 } });
    const fleet = group("sfr-1", [big.instance], {
      kind: "spotFleet",
      desired: 4,
      max: Number.MAX_SAFE_INTEGER,
    });
    const full = manyPods(4, { node: "a1" });
    const decision = one(cluster([big.node], [...full, ...manyPods(6)]), [pool([fleet], { max: 10 })], NOW);
    // 10 pods of half a core at 70 % of two cores: 3.6 nodes.
    expect(decision.capacityChanges).toEqual([{ group: "sfr-1", from: 4, to: 16, nodes: 3 }]);
  });
});

describe("utilisation without a pending pod", () => {
  test("above the target buys the exact need", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const busy = nodes.flatMap(({ name }) => manyPods(4, { node: name }));
    // 6 cores of requests at 70 % of two cores: 4.3 nodes.
    expect(one(cluster(nodes, busy), [pool(groups)], NOW)).toMatchObject({
      verdict: "scale-out",
      from: 3,
      to: 5,
      nodesNeeded: 5,
    });
  });

  test("at the target buys nothing", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const busy = nodes.map(({ name }) => pod({ node: name, shape: shape({ cpu: 1400 }) }));
    expect(one(cluster(nodes, busy), [pool(groups)], NOW)).toMatchObject({ verdict: "hold", nodesNeeded: 3 });
  });

  test("counts no pod that is ending, and no node that somebody cordoned", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const ending = manyPods(8, { node: "a1", terminating: true });
    expect(one(cluster(nodes, ending), [pool(groups)], NOW).verdict).toBe("hold");
    const cordoned = nodes.map((node) => (node.name === "a1" ? { ...node, cordoned: true } : node));
    expect(one(cluster(cordoned, manyPods(4, { node: "a1" })), [pool(groups)], NOW).verdict).toBe("hold");
  });
});

describe("min", () => {
  test("is kept", () => {
    const { nodes, groups } = zonal([1, 0, 0]);
    expect(sizes(one(cluster(nodes, []), [pool(groups, { min: 3 })], NOW))).toEqual({
      "workers-b": 1,
      "workers-c": 1,
    });
  });

  test("comes from the time window that is open", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const windows = [{ during: "Mon-Fri 20:00-22:00 Asia/Tokyo", min: 6 }];
    const decision = one(cluster(nodes, []), [pool(groups, { windows })], NOW);
    expect(decision).toMatchObject({ verdict: "scale-out", to: 6 });
    expect(decision.reasons.map(({ text }) => text).join()).toContain("Mon-Fri 20:00-22:00 Asia/Tokyo");
    expect(one(cluster(nodes, []), [pool(groups, { windows })], NOW + 60 * 60 * MINUTE).verdict).toBe("hold");
  });

  test("of a window over midnight holds after midnight, too", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const windows = [{ during: "Sun 22:00-13:00 UTC", desired: 4 }];
    expect(one(cluster(nodes, []), [pool(groups, { windows })], NOW)).toMatchObject({
      verdict: "scale-out",
      to: 4,
    });
  });
});

describe("nodes that are being emptied", () => {
  const draining = { since: NOW - 2 * MINUTE, byScaler: true, isEnding: false };

  test("are uncordoned before new ones are launched", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const some = nodes.map((node) => (node.name === "a1" ? node : { ...node, cordoned: true, draining }));
    const decision = one(cluster(some, manyPods(10)), [pool(groups)], NOW);
    expect(decision.uncordon.map(({ node }) => node).sort()).toEqual(["b1", "c1"]);
    expect(decision).toMatchObject({ verdict: "scale-out", from: 1, to: 4 });
    expect(decision.capacityChanges.reduce((sum, { nodes }) => sum + nodes, 0)).toBe(1);
  });

  test("are uncordoned when a pod on them has no other place", () => {
    const { nodes, groups } = zonal([1, 1]);
    const some = nodes.map((node) => (node.name === "b1" ? { ...node, cordoned: true, draining } : node));
    const stuck = pod({ node: "b1", shape: shape({ cpu: 10, ...inZone("us-east-1b") }) });
    expect(one(cluster(some, [stuck]), [pool(groups)], NOW)).toMatchObject({
      verdict: "scale-out",
      uncordon: [{ node: "b1" }],
      capacityChanges: [],
    });
  });

  test("stay cordoned when their machine goes away", () => {
    const { nodes, groups } = zonal([1, 1]);
    const going = { ...draining, byScaler: false, isEnding: false };
    const some = nodes.map((node) =>
      node.name === "b1" ? { ...node, cordoned: true, draining: going } : node,
    );
    const pods = manyPods(3, { node: "b1", shape: shape({ cpu: 900 }) });
    const decision = one(cluster(some, pods), [pool(groups)], NOW);
    expect(decision).toMatchObject({ verdict: "scale-out", uncordon: [] });
    expect(decision.capacityChanges.length).toBeGreaterThan(0);
  });
});

describe("a group that gets no capacity", () => {
  const failedLaunch = { at: NOW - MINUTE, message: "We currently do not have sufficient m5.large capacity" };

  test("is in back-off, its nodes are launched by the others, and it is said", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const failing = changed(groups, "workers-a", { desired: 5, failedLaunch });
    const decision = one(cluster(nodes, manyPods(40)), [pool(failing)], NOW);
    expect(sizes(decision)).toEqual({ "workers-a": 1, "workers-b": 7, "workers-c": 7 });
    expect(decision.warnings).toMatchObject([
      {
        code: "group-backed-off",
        about: "workers-a",
        text: expect.stringContaining("sufficient m5.large capacity"),
      },
    ]);
  });

  test("is asked again after a while", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const failing = changed(groups, "workers-a", {
      desired: 5,
      failedLaunch: { ...failedLaunch, at: NOW - 16 * MINUTE },
    });
    expect(one(cluster(nodes, manyPods(16)), [pool(failing)], NOW).verdict).toBe("hold");
  });

  test("is in back-off when its instances do not become nodes", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const lost = machine("a2", { instance: { launchedAt: NOW - 20 * MINUTE } }).instance;
    const own = groups[0]?.instances ?? [];
    const failing = changed(groups, "workers-a", { desired: 2, instances: [...own, lost] });
    const decision = one(cluster(nodes, manyPods(40)), [pool(failing)], NOW);
    expect(Object.keys(sizes(decision))).toEqual(["workers-b", "workers-c"]);
  });
});

describe("somebody else who scales the pool", () => {
  const handsOff = (groups: readonly Group[], nodes = zonal([1]).nodes, clusterAutoscaler?: string) =>
    one(cluster(nodes, manyPods(40), { clusterAutoscaler }), [pool(groups)], NOW);

  test.each([
    ["the tag of cluster-autoscaler", { tags: { "k8s.io/cluster-autoscaler/enabled": "true" } }],
    [
      "the tag of cluster-autoscaler for the cluster",
      { tags: { "k8s.io/cluster-autoscaler/main": "owned" } },
    ],
  ])("is left to it: %s", (_, over) => {
    const decision = handsOff(zonal([1], { groups: over }).groups);
    expect(decision).toMatchObject({
      verdict: "managed-elsewhere",
      capacityChanges: [],
      drain: [],
      warnings: [{ code: "managed-elsewhere" }],
    });
  });

  test.each([
    [
      "cluster-autoscaler's taint",
      { taints: [{ key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule" as const }] },
    ],
    ["Karpenter's taint", { taints: [{ key: "karpenter.sh/disrupted", effect: "NoSchedule" as const }] }],
    ["Karpenter's label", { labels: { "karpenter.sh/nodepool": "default" } }],
  ])("is left to it: %s", (_, node) => {
    const { nodes, groups } = zonal([1], { node });
    expect(handsOff(groups, nodes).verdict).toBe("managed-elsewhere");
  });

  test("is not seen in the tags that EKS gives every managed node group", () => {
    const tags = { "k8s.io/cluster-autoscaler/enabled": "true" };
    const { groups } = zonal([1], { groups: { kind: "managedNodeGroup", tags } });
    expect(handsOff(groups).verdict).toBe("scale-out");
    expect(handsOff(groups, undefined, "kube-system/cluster-autoscaler-1").verdict).toBe("managed-elsewhere");
  });
});

describe("more at once than maxChange", () => {
  test("is refused and notified", () => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const decision = one(cluster(nodes, manyPods(40)), [pool(groups, { maxChange: 39 })], NOW);
    expect(decision).toMatchObject({
      verdict: "refused",
      capacityChanges: [],
      to: 3,
      warnings: [{ code: "max-change" }],
    });
    expect(one(cluster(nodes, manyPods(40)), [pool(groups, { maxChange: 40 })], NOW).verdict).toBe(
      "scale-out",
    );
  });

  test("leaves its pods to the next pool", () => {
    const first = zonal([1]);
    const other = machine("z1", { zone: "us-east-1z" });
    const second = pool(
      [group("others", [other.instance], { zones: ["us-east-1z"], max: 30 })],
      {},
      { name: "others" },
    );
    const pods = manyPods(40);
    const decisions = decide(
      cluster([...first.nodes, other.node], pods),
      [pool(first.groups, { maxChange: 10 }), second],
      NOW,
    );
    expect(decisions.map(({ verdict }) => verdict)).toEqual(["refused", "scale-out"]);
  });
});

test("a pod that fits two pools gets a node in the first one only", () => {
  const first = zonal([1]);
  const other = machine("z1", { zone: "us-east-1z" });
  const second = pool([group("others", [other.instance], { zones: ["us-east-1z"] })], {}, { name: "others" });
  const full = ["a1", "z1"].map((node) => pod({ node, shape: shape({ cpu: 1400 }) }));
  const all = cluster(
    [...first.nodes, other.node],
    [...full, ...manyPods(10, { shape: shape({ cpu: 700 }) })],
  );
  // 8.4 cores at 70 % of two cores: 6 nodes in the first pool.
  expect(decide(all, [pool(first.groups), second], NOW)).toMatchObject([
    { verdict: "scale-out", to: 6 },
    { verdict: "hold", to: 1 },
  ]);
});

describe("a managed node group", () => {
  const managed = (over: Partial<Group> = {}) =>
    zonal([1], { groups: { kind: "managedNodeGroup", min: 1, max: 2, ...over } });

  test("gets the pool's limits with the order that needs them", () => {
    const { nodes, groups } = managed();
    const decision = one(cluster(nodes, manyPods(20)), [pool(groups, { min: 0, max: 20 })], NOW);
    expect(decision.capacityChanges).toEqual([
      { group: "workers-a", from: 1, to: 8, nodes: 7, limits: { min: 0, max: 20 } },
    ]);
  });

  test("gets the pool's limits when nothing else is to be done", () => {
    const { nodes, groups } = managed();
    const busy = pod({ node: "a1", shape: shape({ cpu: 1300 }) });
    const decision = one(cluster(nodes, [busy]), [pool(groups, { min: 0, max: 20 })], NOW);
    expect(decision).toMatchObject({
      verdict: "set-limits",
      capacityChanges: [{ from: 1, to: 1, nodes: 0, limits: { min: 0, max: 20 } }],
    });
  });

  test("keeps its own limits when the policy names none", () => {
    const { nodes, groups } = managed();
    expect(one(cluster(nodes, manyPods(20)), [pool(groups)], NOW)).toMatchObject({
      capacityChanges: [{ to: 2 }],
    });
  });

  test("takes no order while it is being updated, and none is given elsewhere for what is on its way", () => {
    const { nodes, groups } = managed({ max: 20, desired: 8, busy: "its node group is UPDATING" });
    expect(one(cluster(nodes, manyPods(20)), [pool(groups)], NOW)).toMatchObject({
      verdict: "hold",
      capacityChanges: [],
    });
  });
});

test("AZRebalance on a group of several zones is notified, and not when it is suspended", () => {
  const { nodes, groups } = zonal([1], { groups: { zones: ["us-east-1a", "us-east-1b"] } });
  const codes = (groups: readonly Group[]) =>
    one(cluster(nodes, []), [pool(groups)], NOW).warnings.map(({ code }) => code);
  expect(codes(groups)).toEqual(["az-rebalance"]);
  expect(codes(changed(groups, "workers-a", { suspended: ["AZRebalance"] }))).toEqual([]);
});

test("pods that have waited for long get a node also where they are spread over zones that have some of them", () => {
  const labels = { app: "web" };
  const spread = {
    kind: "spread",
    key: "topology.kubernetes.io/zone",
    selector: { matchLabels: labels, matchExpressions: [] },
    namespaces: ["default"],
    maxSkew: 1,
  } as const;
  const web = shape({ cpu: 900, labels, topology: [spread] });
  const { nodes, groups } = zonal([1, 1, 1]);
  const running = nodes.flatMap(({ name }) => manyPods(2, { node: name, shape: web }));
  const waiting = manyPods(1, { shape: web, createdAt: NOW - 20 * MINUTE });
  const decision = one(
    cluster(nodes, [...running, ...waiting]),
    [pool(groups, { targetUtilisation: 100 })],
    NOW,
  );
  expect(decision).toMatchObject({ to: 4, warnings: [] });
});
