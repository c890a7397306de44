import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { budget, daemonSet, deployment, statefulSet } from "../../../sandbox/fixtures/seeds.ts";
import { type Cluster, createCluster, type SeedObject } from "../../../sandbox/kubernetes/cluster.ts";
import { evict } from "../../../sandbox/kubernetes/eviction.ts";
import { type KubeObject, textAt } from "../../../sandbox/kubernetes/object.ts";
import { joinNode } from "./a-cluster.ts";

let clock: SandboxClock;
let cluster: Cluster;

beforeEach(() => {
  clock = createClock({ speed: 0, start: Date.UTC(2026, 2, 1) });
  cluster = createCluster("main", clock);
});
afterEach(() => clock.stop());

const pods = (app?: string): KubeObject[] =>
  cluster.state.store
    .list("pods")
    .filter(({ metadata }) => app === undefined || metadata.labels?.app === app);
const nodeOf = (pod: KubeObject): string => textAt(pod, "spec.nodeName");
const nodesOf = (app: string): string[] => pods(app).map(nodeOf).toSorted();

/** A pod with this spec beside its container. */
const pod = (name: string, spec: object): SeedObject => ({
  kind: "Pod",
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: "main", resources: { requests: { cpu: "500m" } } }], ...spec },
});

describe("the scheduler", () => {
  it("spreads pods over the nodes with the most room", () => {
    for (const zone of ["a", "b", "c"]) joinNode(cluster, zone);
    cluster.create(deployment("web", 3));
    expect(nodesOf("web")).toEqual(["node-a", "node-b", "node-c"]);
  });

  it("leaves a pod waiting that fits nowhere, says so, and binds it when a node comes", async () => {
    joinNode(cluster, "a");
    cluster.create(deployment("web", 5, { milliCpu: 500 }));
    const waiting = pods("web").filter((each) => nodeOf(each) === "");
    expect(waiting.map((each) => textAt(each, "status.conditions.0.reason"))).toEqual(["Unschedulable"]);
    joinNode(cluster, "b");
    expect(nodesOf("web").at(-1)).toBe("node-b");
  });

  it.each<[string, object, string]>([
    ["a node selector", { nodeSelector: { "topology.kubernetes.io/zone": "us-east-1b" } }, "node-b"],
    [
      "required node affinity",
      {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchFields: [{ key: "metadata.name", operator: "In", values: ["node-b"] }] },
              ],
            },
          },
        },
      },
      "node-b",
    ],
    ["a node selector no node meets", { nodeSelector: { gone: "x" } }, ""],
  ])("obeys %s", (_, spec, node) => {
    for (const zone of ["a", "b"]) joinNode(cluster, zone);
    cluster.create(pod("picky", spec));
    expect(nodesOf("picky")).toEqual([node]);
  });

  it("keeps pods off tainted and cordoned nodes, unless they tolerate it", () => {
    for (const zone of ["a", "b"]) joinNode(cluster, zone);
    const { store } = cluster.state;
    const taints = [{ key: "dedicated", value: "batch", effect: "NoSchedule" }];
    const tainted = store.get("nodes", "", "node-a");
    store.replace("nodes", { ...tainted, spec: { ...tainted.spec, taints } });
    const cordoned = store.get("nodes", "", "node-b");
    store.replace("nodes", { ...cordoned, spec: { ...cordoned.spec, unschedulable: true } });
    cluster.create(
      pod("plain", {}),
      pod("batch", { tolerations: [{ key: "dedicated", operator: "Exists" }] }),
    );
    expect([nodesOf("plain"), nodesOf("batch")]).toEqual([[""], ["node-a"]]);
  });

  it("puts a pod where its volume is", () => {
    for (const zone of ["a", "b", "c"]) joinNode(cluster, zone);
    const terms = [
      { matchExpressions: [{ key: "topology.kubernetes.io/zone", operator: "In", values: ["us-east-1c"] }] },
    ];
    cluster.create(
      {
        kind: "PersistentVolume",
        metadata: { name: "pv" },
        spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } },
      },
      { kind: "PersistentVolumeClaim", metadata: { name: "data" }, spec: { volumeName: "pv" } },
      pod("db", { volumes: [{ name: "data", persistentVolumeClaim: { claimName: "data" } }] }),
    );
    expect(nodesOf("db")).toEqual(["node-c"]);
  });

  it("never gives a node more pods than it holds", () => {
    joinNode(cluster, "a");
    cluster.create(deployment("tiny", 20, { milliCpu: 1 }));
    expect(pods("tiny").filter((each) => nodeOf(each) !== "")).toHaveLength(10);
  });
});

describe("the controllers", () => {
  it("make a pod anew that was evicted, on another node", async () => {
    for (const zone of ["a", "b"]) joinNode(cluster, zone);
    cluster.create(deployment("web", 2));
    await clock.advance(10_000);
    const [first] = pods("web");
    if (!first) return expect.unreachable();
    evict(cluster.state, first, {}, "test");
    cluster.settle();
    await clock.advance(10_000);
    expect(pods("web")).toHaveLength(2);
    expect(pods("web").map(({ metadata }) => metadata.uid)).not.toContain(first.metadata.uid);
  });

  it("give a StatefulSet's pod its old name and another UID, once the one before has gone", async () => {
    joinNode(cluster, "a");
    cluster.create(statefulSet("db", 1));
    await clock.advance(10_000);
    const [first] = pods("db");
    if (!first) return expect.unreachable();
    evict(cluster.state, first, {}, "test");
    cluster.settle();
    expect(pods("db").map(({ metadata }) => metadata.uid)).toEqual([first.metadata.uid]);
    await clock.advance(10_000);
    expect(pods("db").map(({ metadata }) => metadata.name)).toEqual(["db-0"]);
    expect(pods("db")[0]?.metadata.uid).not.toBe(first.metadata.uid);
  });

  it("run a DaemonSet's pod on each node, cordoned ones too", () => {
    joinNode(cluster, "a");
    cluster.create(daemonSet("logs"));
    joinNode(cluster, "b");
    expect(nodesOf("logs")).toEqual(["node-a", "node-b"]);
  });

  it("end what is left of an owner that was deleted", async () => {
    joinNode(cluster, "a");
    cluster.create(deployment("web", 2));
    cluster.state.store.remove("deployments", "default", "web");
    cluster.settle();
    await clock.advance(10_000);
    expect(pods("web")).toEqual([]);
  });

  it("end a pod on a node that was not ready as soon as it is", async () => {
    const machine = { name: "late", zone: "us-east-1a", instanceId: "i-0a1", instanceType: "m5.large" };
    const allocatable = { cpu: "2", memory: "8Gi", pods: "10" };
    cluster.join({ ...machine, allocatable, startup: { readyAfterMs: 60_000 } });
    cluster.create(deployment("web", 1, { podSpec: { tolerations: [{ operator: "Exists" }] } }));
    expect(nodesOf("web")).toEqual(["late"]);
    cluster.state.store.remove("deployments", "default", "web");
    cluster.settle();
    await clock.advance(50_000);
    expect(pods("web")).toHaveLength(1);
    await clock.advance(20_000);
    expect(pods("web")).toEqual([]);
  });

  it("make the pods of a machine that went away anew, and note how they ended", async () => {
    for (const zone of ["a", "b"]) joinNode(cluster, zone);
    cluster.create(deployment("web", 2), daemonSet("logs"));
    await clock.advance(10_000);
    cluster.silence("node-a");
    cluster.remove("node-a");
    await clock.advance(10_000);
    expect(nodesOf("web")).toEqual(["node-b", "node-b"]);
    expect(cluster.endings()).toMatchObject([{ how: "killed", node: "node-a" }]);
  });
});

describe("the disruption budgets", () => {
  const allowed = (): unknown =>
    cluster.state.store.list("poddisruptionbudgets").map(({ status }) => status?.disruptionsAllowed);

  it.each<[string, object, number]>([
    ["minAvailable: 3", { minAvailable: 3 }, 1],
    ["minAvailable: 4", { minAvailable: 4 }, 0],
    ["minAvailable: 50%", { minAvailable: "50%" }, 2],
    ["minAvailable: 60% (rounded up)", { minAvailable: "60%" }, 1],
    ["maxUnavailable: 1", { maxUnavailable: 1 }, 1],
    ["maxUnavailable: 30% (rounded up)", { maxUnavailable: "30%" }, 2],
    ["maxUnavailable: 0", { maxUnavailable: 0 }, 0],
  ])("allow of four healthy pods what %s leaves", async (_, spec, expected) => {
    joinNode(cluster, "a");
    cluster.create(deployment("web", 4), {
      kind: "PodDisruptionBudget",
      metadata: { name: "web" },
      spec: { ...spec, selector: { matchLabels: { app: "web" } } },
    });
    await clock.advance(10_000);
    expect(allowed()).toEqual([expected]);
  });

  it("count only pods that are ready", async () => {
    joinNode(cluster, "a");
    cluster.create(deployment("web", 4), budget("web", 2));
    expect(allowed()).toEqual([0]);
    await clock.advance(10_000);
    expect(allowed()).toEqual([2]);
  });

  it("refuse an eviction when two of them select the pod", async () => {
    joinNode(cluster, "a");
    cluster.create(deployment("web", 4), budget("web", 1), {
      ...budget("web", 1),
      metadata: { name: "again" },
    });
    await clock.advance(10_000);
    const [first] = pods("web");
    if (!first) return expect.unreachable();
    expect(() => evict(cluster.state, first, {}, "test")).toThrow(/more than one PodDisruptionBudget/);
  });

  it("do not stand in the way of a pod that has not started", () => {
    joinNode(cluster, "a");
    cluster.create(deployment("web", 1), budget("web", 1));
    const [first] = pods("web");
    if (!first) return expect.unreachable();
    evict(cluster.state, first, { dryRun: true }, "test");
    expect(cluster.endings()).toEqual([]);
    evict(cluster.state, first, {}, "test");
    expect(cluster.endings()).toMatchObject([{ how: "evicted" }]);
  });
});
