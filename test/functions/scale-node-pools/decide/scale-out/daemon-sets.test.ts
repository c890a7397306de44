import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type { DaemonSet, Pod } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../../../functions/scale-node-pools/model/decision.ts";
import { cluster, group, manyPods, NOW, pod, pool, shape, zonal } from "../../given.ts";

const one = (...args: Parameters<typeof decide>): Decision => {
  const [decision] = decide(...args);
  if (!decision) throw new Error("no decision");
  return decision;
};

const APART = {
  kind: "apart",
  key: "kubernetes.io/hostname",
  selector: { matchLabels: { app: "agent" }, matchExpressions: [] },
  namespaces: undefined,
  maxSkew: 0,
} as const;

describe("a pod that no node takes, because a DaemonSet is there first", () => {
  test.each([
    ["has its host port", { hostPorts: ["TCP/9100"] }, { hostPorts: ["TCP/9100"] }],
    ["is one it must not be beside", { labels: { app: "agent" } }, { topology: [APART] }],
    [
      "must not be beside it",
      { topology: [{ ...APART, selector: { matchLabels: { app: "web" }, matchExpressions: [] } }] },
      { labels: { app: "web" } },
    ],
  ])("that %s, gets no node", (_, agentOver, podOver) => {
    const { nodes, groups } = zonal([1, 1, 1]);
    const agent: DaemonSet = { id: "kube-system/agent", shape: shape({ cpu: 50, ...agentOver }) };
    const there = nodes.map(({ name }) =>
      pod({ node: name, role: "daemon", daemonSet: agent.id, shape: agent.shape }),
    );
    const waiting = manyPods(2, { shape: shape({ cpu: 50, ...podOver }) });
    const decision = one(
      cluster(nodes, [...there, ...waiting], { daemonSets: [agent] }),
      [pool(groups)],
      NOW,
    );
    expect(decision).toMatchObject({ verdict: "hold", capacityChanges: [] });
  });
});

describe("an empty pool", () => {
  const nodeShape = { cpu: "2", memory: "8Gi", pods: 29 };
  const empty = () => pool([group("workers", [], { desired: 0 })], { nodeShape, labels: { pool: "batch" } });

  test("whose own DaemonSets leave no place for the pod gets no node", () => {
    const agent: DaemonSet = {
      id: "kube-system/agent",
      shape: shape({ cpu: 1500, nodeSelector: { pool: "batch" } }),
    };
    const waiting = manyPods(3, { shape: shape({ cpu: 1000 }) });
    const decision = one(cluster([], waiting, { daemonSets: [agent] }), [empty()], NOW);
    expect(decision).toMatchObject({ verdict: "hold", capacityChanges: [], to: 0 });
  });

  test("counts each DaemonSet of its nodes, and no other", () => {
    const own: DaemonSet = { id: "a/own", shape: shape({ cpu: 1000, nodeSelector: { pool: "batch" } }) };
    const other: DaemonSet = { id: "a/other", shape: shape({ cpu: 1000, nodeSelector: { pool: "web" } }) };
    const waiting = manyPods(4, { shape: shape({ cpu: 1000, mib: 10 }) });
    const decision = one(cluster([], waiting, { daemonSets: [own, other] }), [empty()], NOW);
    expect(decision.evidence).toMatchObject({ unplacedPods: 0 });
    expect(decision.to).toBeGreaterThanOrEqual(4);
  });
});

describe("the DaemonSets of a new node", () => {
  const nodeShape = { cpu: "2", memory: "8Gi", pods: 29 };
  const grown = (agent: DaemonSet, waiting: readonly Pod[]) => {
    const groups = ["us-east-1a", "us-east-1b"].map((zone) =>
      group(`workers-${zone}`, [], { desired: 0, zones: [zone] }),
    );
    return one(
      cluster([], waiting, { daemonSets: [agent] }),
      [pool(groups, { nodeShape, targetUtilisation: 100 })],
      NOW,
    );
  };
  const inZoneA = { "topology.kubernetes.io/zone": "us-east-1a" };
  const large = (nodeSelector: Record<string, string>) =>
    manyPods(1, { shape: shape({ cpu: 1500, nodeSelector }) });

  test("are those of its zone", () => {
    const agent: DaemonSet = { id: "a/agent", shape: shape({ cpu: 1000, nodeSelector: inZoneA }) };
    expect(grown(agent, large(inZoneA)).to).toBe(0);
    expect(grown(agent, large({}))).toMatchObject({
      to: 1,
      capacityChanges: [{ group: "workers-us-east-1b" }],
    });
  });

  test("take nothing from it when it has no room for them", () => {
    const requests = { milliCpu: 1000, memory: 0, pods: 1, extended: { "hugepages-2Mi": 2 ** 21 } };
    expect(grown({ id: "a/agent", shape: shape({ requests }) }, large({})).to).toBe(1);
  });
});
