import { describe, expect, test } from "vitest";
import {
  labelsIn,
  type NodeTemplate,
} from "../../../../../functions/scale-node-pools/decide/capacity/node-template.ts";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import { poolState } from "../../../../../functions/scale-node-pools/decide/pool/pool-state.ts";
import type {
  Cluster,
  Group,
  InstanceType,
  Pool,
} from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { NodeShape } from "../../../../../functions/scale-node-pools/model/pool-status.ts";
import type { Taint } from "../../../../../shared/kubernetes/node.ts";
import { GIB, MINUTE, NOW, shape } from "../../given.ts";
import { asking, daemon, filled, type Given, one, pods, type Scenario, ZONE } from "../scenarios/given.ts";

const TAGS = "k8s.io/cluster-autoscaler/node-template";
const type = (name: string, vcpus: number, gib: number): InstanceType => ({
  ...{ name, vcpus, memoryMib: gib * 1024, maxPods: 29, arch: "amd64", extended: {} },
});
const launching = (units: number, ...types: readonly InstanceType[]): Partial<Group> => ({
  launchTypes: types,
  launches: { instanceTypes: types.map(({ name }) => name), units },
});
const LARGE = type("m5.large", 2, 8);
const XLARGE = type("m5.xlarge", 4, 16);
const recorded = (over: Partial<NodeShape> = {}): Given => ({
  sizes: [0],
  status: {
    shape: {
      allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29 },
      labels: {},
      taints: [],
      units: 1,
      ...over,
    },
  },
});
const tagged = (tags: Readonly<Record<string, string>>): Partial<Group> => ({
  tags: { [`${TAGS}/resources/cpu`]: "4", [`${TAGS}/resources/memory`]: "8Gi", ...tags },
});
const taint = (key: string, value?: string): Taint => ({
  ...{ key, effect: "NoSchedule" as const },
  ...(value !== undefined && { value }),
});

const templatesOf = ({ cluster, pools }: Scenario): (NodeTemplate | undefined)[] => {
  const byInstance = new Map(cluster.nodes.map((node) => [node.instanceId ?? "", node]));
  return pools
    .flatMap((pool) => poolState(pool, byInstance, cluster.daemonSets, NOW).groups)
    .map(({ template }) => template);
};
const templateOf = (given: Given) => templatesOf(one("", given))[0];
const cpuOf = (given: Given) => templatesOf(one("", given)).map((each) => each?.allocatable.milliCpu);
/** How many nodes are launched. */
const added = ({ cluster, pools }: { cluster: Cluster; pools: readonly Pool[] }): number =>
  decide(cluster, pools, NOW).reduce((sum, { from, to }) => sum + to - from, 0);
const launches = (given: Given): number => added(one("", given));

describe("the next node of a group is like", () => {
  const cpu = (milliCpu: number) => ({ milliCpu, memory: 8 * GIB, pods: 29 });
  const [older, newer] = [NOW - 50 * MINUTE, NOW - 40 * MINUTE];

  test("the newest of its own, and like the newest of the pool where it has none", () => {
    const nodes = {
      a1: { allocatable: cpu(1000), createdAt: older },
      b1: { allocatable: cpu(3000), createdAt: newer },
    };
    expect(cpuOf({ sizes: [1, 1, 0], nodes })).toEqual([1000, 3000, 3000]);
  });

  test("the newest that is ready, or one whose kubelet has died where there is none", () => {
    const dead = { allocatable: cpu(3000), createdAt: newer, ready: false };
    expect(cpuOf({ sizes: [2], nodes: { a1: { allocatable: cpu(1000) }, a2: dead } })).toEqual([1000]);
    const lost = { ...dead, allocatable: cpu(4000), createdAt: older };
    expect(cpuOf({ sizes: [2], nodes: { a1: lost, a2: dead } })).toEqual([3000]);
    const young = { ...dead, createdAt: NOW - MINUTE };
    expect(cpuOf({ sizes: [2], nodes: { a1: lost, a2: young } })).toEqual([4000]);
    expect(cpuOf({ sizes: [1], nodes: { a1: young } })).toEqual([undefined]);
  });

  test("the smallest of its types, in units and without the label of one type", () => {
    const labels = { "node.kubernetes.io/instance-type": "m5.xlarge", disk: "ssd" };
    const nodes = { a1: { labels, allocatable: { milliCpu: 3920, memory: 14 * GIB, pods: 58 } } };
    expect(templateOf({ sizes: [1], nodes, groups: launching(4, XLARGE, LARGE) })).toMatchObject({
      allocatable: { milliCpu: 1930, pods: 29 },
      labels: { disk: "ssd" },
      units: 4,
    });
    const template = templateOf({ sizes: [1], nodes, groups: launching(1, XLARGE, LARGE) });
    expect(template?.labels).not.toHaveProperty(["node.kubernetes.io/instance-type"]);
  });

  test("its node of the smallest type, by either label, which knows better than the type", () => {
    const allocatable = { milliCpu: 1990, memory: 7 * GIB, pods: 110 };
    for (const key of ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"]) {
      const nodes = { a1: { labels: { [key]: "m5.large" }, allocatable } };
      expect(templateOf({ sizes: [1], nodes, groups: launching(1, XLARGE, LARGE) })?.allocatable).toEqual(
        allocatable,
      );
    }
  });

  test("the pool's last node, whatever its only type would have", () => {
    const allocatable = { milliCpu: 1990, memory: 7 * GIB, pods: 110 };
    const groups = { ...launching(4, LARGE), launches: undefined };
    expect(templateOf({ ...recorded({ allocatable, units: 2 }), groups })).toMatchObject({
      allocatable,
      units: 2,
    });
  });

  test("the pool's last node, with its volume limits", () => {
    const given = { ...recorded({ volumeLimits: { ebs: 2 } }), pods: [] };
    expect(
      launches({ ...given, pods: pods(4, { shape: shape({ cpu: 1, mib: 1, volumes: { ebs: 1 } }) }) }),
    ).toBe(2);
  });
});

describe("the taints of the next node", () => {
  const taints = (given: Given) => templateOf(given)?.taints;
  const dedicated = (value: string) => ({ [`${TAGS}/taint/dedicated`]: `${value}:NoSchedule` });

  test.each([
    ["node.cilium.io/agent-not-ready", {}],
    ["example.com/not-initialised", { startupTaints: ["example.com/not-initialised"] }],
    ["node.kubernetes.io/not-ready", {}],
  ])("do not hold an empty pool whose tags name the startup taint %s", (key, raw) => {
    const groups = tagged({ [`${TAGS}/taint/${key}`]: "true:NoSchedule", ...dedicated("web") });
    expect(taints({ sizes: [0], groups, raw })).toEqual([taint("dedicated", "web")]);
    const waiting = asking({ cpu: 100, tolerations: [{ key: "dedicated", operator: "Exists" }] });
    expect(launches({ sizes: [0], groups, raw, pods: waiting })).toBe(1);
  });

  test("of an empty pool are the config's, then the tags', then those of its last node", () => {
    const last = [taint("dedicated", "last"), taint("kept", "last")];
    expect(taints(recorded({ taints: last }))).toEqual(last);
    const byTags = { ...recorded({ taints: last }), groups: tagged(dedicated("tag")) };
    expect(taints(byTags)).toEqual([taint("dedicated", "tag"), taint("kept", "last")]);
    const raw = { taints: [{ key: "dedicated", value: "config", effect: "NoSchedule" }] };
    expect(taints({ ...byTags, raw })).toEqual([taint("dedicated", "config"), taint("kept", "last")]);
  });

  test("of an empty managed node group are those that AWS gives its nodes now", () => {
    const groups: Partial<Group> = { kind: "managedNodeGroup", nodeTaints: [taint("dedicated", "now")] };
    expect(taints({ ...recorded({ taints: [taint("dedicated", "last")] }), groups })).toEqual([
      taint("dedicated", "now"),
    ]);
  });

  test("are those of a node that is there, before the config's", () => {
    const raw = { taints: [{ key: "dedicated", value: "config", effect: "NoSchedule" }] };
    const own = [taint("dedicated", "node")];
    expect(taints({ sizes: [1], nodes: { a1: { taints: own } }, raw })).toEqual(own);
  });

  test("may be of one key, with two effects", () => {
    const raw = { taints: [{ key: "dedicated", value: "config", effect: "NoExecute" }] };
    const own = [taint("dedicated", "node")];
    expect(taints({ sizes: [1], nodes: { a1: { taints: own } }, raw })).toEqual([
      ...own,
      { key: "dedicated", value: "config", effect: "NoExecute" },
    ]);
  });
});

describe("the pods of DaemonSets on the next node", () => {
  const cpu = (given: Given) => templateOf(given)?.daemonSetRequests.milliCpu;
  const inZone = (zone: string) => ({ cpu: 300, nodeSelector: { [ZONE]: zone } });
  const everywhere = daemon("agent", { cpu: 100 });

  test("are those of the zone where they request most", () => {
    const daemonSets = [everywhere, daemon("b", inZone("us-east-1b")), daemon("x", inZone("us-east-1x"))];
    const given = { sizes: [1], cluster: { daemonSets } };
    expect(cpu(given)).toBe(100);
    expect(cpu({ ...given, groups: { zones: ["us-east-1a", "us-east-1b"] } })).toBe(400);
  });

  test("are those that run on nodes with its labels", () => {
    const daemonSets = [everywhere, daemon("ssd", { cpu: 300, nodeSelector: { disk: "ssd" } })];
    const given = { sizes: [1], cluster: { daemonSets } };
    expect([cpu(given), cpu({ ...given, raw: { labels: { disk: "ssd" } } })]).toEqual([100, 400]);
  });

  test("are those that run in any zone where its zones are not known", () => {
    const exists = { labels: [{ key: ZONE, operator: "Exists" as const, values: [] }], fields: [] };
    const daemonSets = [everywhere, daemon("zonal", { cpu: 300, nodeSelectors: [[exists]] })];
    expect(cpu({ sizes: [1], groups: { zones: [] }, cluster: { daemonSets } })).toBe(100);
  });
});

describe("the labels of a node", () => {
  const REGION = "topology.kubernetes.io/region";
  const labels = (zone: string) => labelsIn({ labels: {} }, "n1", zone);

  test.each([
    ["us-east-1a", "us-east-1"],
    ["us-gov-west-1b", "us-gov-west-1"],
    ["us-west-2-lax-1a", "us-west-2"],
    ["ap-southeast-10c", "ap-southeast-10"],
  ])("in %s say the region %s", (zone, region) => {
    expect(labels(zone)).toMatchObject({
      [REGION]: region,
      "failure-domain.beta.kubernetes.io/region": region,
      [ZONE]: zone,
    });
  });

  test.each(["", "rack-7"])("in the zone %j say no region", (zone) => {
    expect(Object.keys(labels(zone)).filter((key) => key.endsWith("/region"))).toEqual([]);
  });

  test("name no zone where it is not known", () => {
    expect(labels("")).toStrictEqual({ "kubernetes.io/hostname": "n1" });
  });
});

describe("what nobody knows", () => {
  test("is no capacity: a group whose nodes are unknown, an instance that never joined", () => {
    const unknown = one("", { sizes: [0], groups: { desired: 2 }, pods: asking({ cpu: 100 }) });
    expect(added(unknown)).toBe(0);
    const scenario = one("", { sizes: [2, 0], pods: (nodes) => filled(nodes.slice(0, 1), 1900) });
    const nodes = scenario.cluster.nodes.slice(0, 1);
    expect(added({ ...scenario, cluster: { ...scenario.cluster, nodes } })).toBe(1);
    expect(added(scenario)).toBe(0);
  });
});
