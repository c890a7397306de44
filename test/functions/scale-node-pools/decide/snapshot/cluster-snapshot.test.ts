import { describe, expect, test } from "vitest";
import { poolState } from "../../../../../functions/scale-node-pools/decide/pool/pool-state.ts";
import {
  podsByNode,
  presentAndUpcomingNodes,
  presentNodes,
} from "../../../../../functions/scale-node-pools/decide/snapshot/cluster-snapshot.ts";
import type { ClusterNode, Instance, Pod } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { MINUTE, machine, NOW, shape } from "../../given.ts";
import {
  daemon,
  type Given,
  HOST,
  one,
  pods,
  type Scenario,
  term,
  topology,
  web,
  ZONE,
} from "../scenarios/given.ts";

const given = ({ cluster, pools }: Scenario) => {
  const byInstance = new Map(cluster.nodes.map((node) => [node.instanceId ?? "", node]));
  const states = pools.map((pool) => poolState(pool, byInstance, cluster.daemonSets, NOW));
  return [cluster, podsByNode(cluster.pods), states] as const;
};
const present = (over: Given) => presentNodes(...given(one("", over)));
const upcoming = (over: Given) => presentAndUpcomingNodes(...given(one("", over)));
const asking = (over: Parameters<typeof shape>[0], number = 1): Pod[] => pods(number, { shape: shape(over) });
/** The pods of these for which there is no place. */
const left = (snapshot: ReturnType<typeof present>, pods: readonly Pod[]): Pod[] =>
  snapshot.placeOnNodes(pods).flatMap(({ pods }) => pods);
const on = (node: string, cpu: number, mib: number) => pods(1, { node, shape: shape({ cpu, mib }) }, node);
/** The nodes on which a small pod gets its place. */
function chosenOf(scenario: Scenario): string[] {
  const snapshot = presentNodes(...given(scenario));
  expect(left(snapshot, asking({ cpu: 100, mib: 1 }))).toEqual([]);
  const taken = scenario.cluster.nodes.filter((node) => snapshot.reservationsOn(snapshot.binOf(node)).length);
  return taken.map(({ name }) => name);
}
const inZone = (zone: string) => ({ cpu: 100, mib: 1, nodeSelectors: [[term(ZONE, zone)]] });
/** An instance that AWS has launched, whose node is not there yet. */
const launched = (id: string, over: Partial<Instance> = {}): Instance => ({
  ...machine(id).instance,
  launchedAt: NOW - MINUTE,
  ...over,
});

describe("the nodes of a cluster, with their pods", () => {
  test("are asked for by the pods that are bound to one", () => {
    const [bound, waiting] = [pods(2, { node: "a1" }, "bound"), pods(1)];
    expect([...podsByNode([...waiting, ...bound])]).toEqual([["a1", bound]]);
  });

  test("are those of this cluster and no others", () => {
    const scenario = one("", { sizes: [1] });
    const snapshot = presentNodes(...given(scenario));
    expect(scenario.cluster.nodes.map((node) => snapshot.binOf(node).name)).toEqual(["a1"]);
    expect(() => snapshot.binOf(machine("other").node)).toThrow("node other is not of this cluster");
  });

  test.each([
    ["the least CPU left", [on("a2", 500, 1)]],
    ["the least memory left, with as much CPU", [on("a1", 500, 1), on("a2", 500, 2)]],
  ])("are filled in the order of %s", (_, running) => {
    expect(chosenOf(one("", { sizes: [3], pods: running.flat() }))).toEqual(["a2"]);
  });

  test("are filled in the order of their names where they are equally full", () => {
    const { cluster, pools } = one("", { sizes: [3] });
    for (const nodes of [cluster.nodes, cluster.nodes.toReversed()]) {
      expect(chosenOf({ name: "", cluster: { ...cluster, nodes }, pools })).toEqual(["a1"]);
    }
  });

  test.each<[string, Given, boolean]>([
    ["is ready", {}, true],
    ["is not ready", { nodes: { a1: { ready: false } } }, false],
    ["is cordoned", { nodes: { a1: { cordoned: true } } }, false],
    ["drains", { nodes: { a1: { draining: { since: NOW, byScaler: false, isEnding: false } } } }, false],
    ["is of an instance that is being terminated", { instances: { a1: { state: "terminating" } } }, false],
    ["is of an instance in standby", { instances: { a1: { state: "standbyOrWarm" } } }, false],
    ...[
      ["node.kubernetes.io/not-ready", true] as const,
      ["node.kubernetes.io/unreachable", true] as const,
      ["node.kubernetes.io/disk-pressure", false] as const,
      ["dedicated", false] as const,
    ].map(([key, takes]): [string, Given, boolean] => [
      `is ready and has the taint ${key}`,
      { nodes: { a1: { taints: [{ key, effect: "NoSchedule" }] } } },
      takes,
    ]),
  ])("take a pod or not: one that %s", (_, over, takes) => {
    const waiting = asking({ cpu: 100, mib: 1 });
    expect(left(present({ sizes: [1], ...over }), waiting)).toEqual(takes ? [] : waiting);
  });

  test.each([
    ["reflex/draining", true],
    ["node.kubernetes.io/disk-pressure", true],
    ["dedicated", false],
  ])("when a drain is cancelled, the taint %s goes with it: %s", (key, goes) => {
    const draining = { since: NOW - MINUTE, byScaler: true, isEnding: false };
    const node: Partial<ClusterNode> = { draining, taints: [{ key, effect: "NoSchedule" }] };
    const scenario = one("", { sizes: [1], nodes: { a1: node } });
    const snapshot = presentNodes(...given(scenario));
    const fits = scenario.cluster.nodes.map((node) =>
      snapshot.packing.wouldFit(snapshot.binOf(node), shape({ cpu: 100 })),
    );
    expect(fits).toEqual([goes]);
  });
});

describe("places that pods have", () => {
  const waits = asking({ cpu: 100, mib: 1 });
  const evicted = pods(1, { node: "gone", shape: shape({ cpu: 110, mib: 1 }) }, "evicted");

  test("on known nodes are those of pending pods, on nodes that are there", () => {
    const known = present({ sizes: [1] });
    known.placeOnNodes([...waits, ...evicted]);
    expect(known.pendingOnKnownNodes()).toEqual(waits);
    const coming = upcoming({ sizes: [1], nodes: { a1: { ready: false, createdAt: NOW - MINUTE } } });
    expect(left(coming, waits)).toEqual([]);
    expect(coming.pendingOnKnownNodes()).toEqual([]);
  });

  test("by group are those of pending pods, on nodes of a pool", () => {
    const here = present({ sizes: [1] });
    here.placeOnNodes([...waits, ...evicted]);
    expect([...here.pendingByGroup()]).toEqual([["workers-a", waits]]);
    const { cluster, pools } = one("", { sizes: [0] });
    const nodes = [machine("other").node];
    const elsewhere = presentNodes(...given({ name: "", cluster: { ...cluster, nodes }, pools }));
    expect(left(elsewhere, waits)).toEqual([]);
    expect([...elsewhere.pendingByGroup()]).toEqual([]);
  });

  test("are for as many of one shape as there is room for", () => {
    const snapshot = present({ sizes: [1] });
    const four = asking({ cpu: 700 }, 4);
    expect(snapshot.placeOnNodes(four)).toEqual([{ shape: four[0]?.shape, pods: four.slice(2) }]);
    expect(snapshot.placeOnNodes(asking({ cpu: 100, mib: 1 }))).toEqual([]);
  });
});

describe("a node that is still starting", () => {
  const young = { ready: false, createdAt: NOW - MINUTE };
  const agent = daemon("agent", { cpu: 1000, mib: 1 });

  test("will have the labels of its own group's nodes", () => {
    const over = { sizes: [1, 1], nodes: { b1: { ...young, labels: {} } }, groups: { nodeLabels: {} } };
    const scenario = one("", over);
    const pools = scenario.pools.map((pool) => ({
      ...pool,
      groups: pool.groups.map((group, at) => ({ ...group, nodeLabels: { disk: at === 1 ? "ssd" : "hdd" } })),
    }));
    const snapshot = presentAndUpcomingNodes(...given({ ...scenario, pools }));
    expect(left(snapshot, asking({ cpu: 100, nodeSelector: { disk: "ssd" } }))).toEqual([]);
    expect(left(snapshot, asking({ cpu: 100, nodeSelector: { disk: "hdd" } }))).toHaveLength(1);
  });

  test("is in its zone before it has the label, where its zone is known", () => {
    const unlabelled = { ...young, labels: {} };
    const known = upcoming({ sizes: [1, 1], nodes: { b1: unlabelled } });
    expect(left(known, asking(inZone("us-east-1b")))).toEqual([]);
    const unknown = upcoming({ sizes: [1, 1], nodes: { b1: { ...unlabelled, zone: undefined } } });
    const anywhere = { labels: [{ key: ZONE, operator: "Exists" as const, values: [] }], fields: [] };
    const full = on("a1", 1900, 1);
    expect(left(unknown, asking({ cpu: 1500, nodeSelectors: [[anywhere]] }))).toEqual([]);
    const beside = upcoming({
      sizes: [1, 1],
      nodes: { b1: { ...unlabelled, zone: undefined } },
      pods: full,
    });
    expect(left(beside, asking({ cpu: 1500, nodeSelectors: [[anywhere]] }))).toHaveLength(1);
  });

  test("will have the volumes of the group's other nodes", () => {
    const snapshot = upcoming({
      sizes: [2],
      nodes: { a1: { volumeLimits: { ebs: 2 } }, a2: young },
      pods: on("a1", 2000, 1),
    });
    expect(left(snapshot, asking({ cpu: 1, mib: 1, volumes: { ebs: 1 } }, 3))).toHaveLength(1);
  });

  test("will have the pods of its DaemonSets, each of them once", () => {
    const running = pods(1, { node: "a2", role: "daemon", daemonSet: agent.id, shape: agent.shape }, "agent");
    const start = (there: readonly Pod[]) =>
      upcoming({
        sizes: [2],
        nodes: { a2: young },
        pods: [...on("a1", 2000, 1), ...there],
        cluster: { daemonSets: [agent] },
      });
    for (const there of [[], running]) {
      expect(left(start(there), asking({ cpu: 1000, mib: 1 }, 2)), `${there.length}`).toHaveLength(1);
    }
  });

  test("takes as many pods as fit on one node", () => {
    const snapshot = upcoming({ sizes: [2], nodes: { a2: young }, pods: on("a1", 2000, 1) });
    expect(left(snapshot, asking({ cpu: 1500 }, 2))).toHaveLength(1);
  });
});

describe("a node that is not there yet", () => {
  const full = on("a1", 2000, 1);
  const withInstance = (instance: Instance, sizes: readonly number[] = [1], desired?: number) => {
    const scenario = one("", { sizes, pods: full });
    const pools = scenario.pools.map((pool) => ({
      ...pool,
      groups: pool.groups.map((group, at) => ({
        ...group,
        zones: ["us-east-1a", "us-east-1b"],
        desired: desired ?? group.desired,
        instances: at === 0 ? [...group.instances, instance] : group.instances,
      })),
    }));
    return presentAndUpcomingNodes(...given({ ...scenario, pools }));
  };

  test("is expected of an instance that is launched, in its zone", () => {
    const snapshot = withInstance(launched("new", { zone: "us-east-1b" }));
    expect(left(snapshot, asking(inZone("us-east-1b")))).toEqual([]);
    expect(left(snapshot, asking(inZone("us-east-1a")))).toHaveLength(1);
  });

  test("is in no zone where AWS does not say which", () => {
    const snapshot = withInstance(launched("new", { zone: undefined }));
    expect(left(snapshot, asking({ cpu: 100 }))).toEqual([]);
    const spread = pods(1, { shape: { ...web(topology("spread", ZONE)), namespace: "default" } });
    expect(left(snapshot, spread)).toHaveLength(1);
  });

  test("is not expected of an instance that never joined", () => {
    const snapshot = withInstance(launched("old", { launchedAt: NOW - 60 * MINUTE }));
    expect(left(snapshot, asking({ cpu: 100 }))).toHaveLength(1);
  });

  test("is one of as many as are to be launched, each with a name of its own", () => {
    const apart = { ...web(topology("apart", HOST)), namespace: "default" };
    const snapshot = upcoming({ sizes: [1], pods: full, groups: { desired: 3 } });
    expect(left(snapshot, pods(3, { shape: apart }))).toHaveLength(1);
  });

  test("is not expected where nobody knows what it looks like", () => {
    const snapshot = upcoming({ sizes: [0], groups: { desired: 2 } });
    expect(left(snapshot, asking({ cpu: 1 }))).toHaveLength(1);
  });
});
