import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import {
  apartFrom,
  claim,
  daemonSet,
  deployment,
  EBS,
  job,
  spreadOverZones,
  storageClass,
  TOLERATES_ALL,
} from "../../../sandbox/fixtures/seeds.ts";
import { type Cluster, createCluster, type SeedObject } from "../../../sandbox/kubernetes/cluster.ts";
import type { JoiningMachine } from "../../../sandbox/kubernetes/nodes.ts";
import { type KubeObject, textAt } from "../../../sandbox/kubernetes/object.ts";
import { USUAL_PACE } from "../../../sandbox/kubernetes/state.ts";

const SECOND = 1_000;
let clock: SandboxClock;
let cluster: Cluster;

beforeEach(() => {
  clock = createClock({ speed: 0, start: Date.UTC(2026, 2, 1) });
  cluster = createCluster("main", clock, { ...USUAL_PACE, untaintMs: 10 * SECOND });
});
afterEach(() => clock.stop());

const join = (zone: string, more: Partial<JoiningMachine> = {}): void =>
  cluster.join({
    name: `node-${zone}`,
    zone: `us-east-1${zone}`,
    instanceId: `i-0${zone.charCodeAt(0)}`,
    instanceType: "m5.large",
    allocatable: { cpu: "2", memory: "8Gi", pods: "10", "ephemeral-storage": "20Gi" },
    ...more,
  });
const pods = (app: string): KubeObject[] =>
  cluster.state.store.list("pods").filter(({ metadata }) => metadata.labels?.app === app);
const nodesOf = (app: string): string[] =>
  pods(app)
    .map((pod) => textAt(pod, "spec.nodeName"))
    .toSorted();
const messages = (app: string): string[] => [
  ...new Set(pods(app).map((pod) => textAt(pod, "status.conditions.0.message"))),
];
const named = (name: string, spec: object): SeedObject => ({
  kind: "Pod",
  metadata: { name, labels: { app: name } },
  spec: { containers: [{ name: "main", resources: { requests: { cpu: "100m" } } }], ...spec },
});

describe("the scheduler, by resources", () => {
  it.each([
    ["ephemeral storage", { "ephemeral-storage": "15Gi" }, "Insufficient ephemeral-storage"],
    ["huge pages", { "hugepages-2Mi": "4Mi" }, "Insufficient hugepages-2Mi"],
    ["an extended resource", { "nvidia.com/gpu": "1" }, "Insufficient nvidia.com/gpu"],
    ["memory", { memory: "5Gi" }, "Insufficient memory"],
  ])("leaves what has no %s, and says so", (_, requests, message) => {
    join("a", { allocatable: { cpu: "2", memory: "8Gi", pods: "10", "ephemeral-storage": "20Gi" } });
    cluster.create(deployment("web", 2, { milliCpu: 1, requests }));
    expect(nodesOf("web").filter((node) => node === "").length).toBeGreaterThan(0);
    expect(messages("web").join()).toContain(message);
  });

  it("gives a pod a device once its plugin has registered it", async () => {
    join("a", { startup: { devices: { afterMs: 60 * SECOND, allocatable: { "nvidia.com/gpu": "1" } } } });
    cluster.create(deployment("train", 1, { requests: { "nvidia.com/gpu": "1" } }));
    expect(nodesOf("train")).toEqual([""]);
    await clock.advance(60 * SECOND);
    expect(nodesOf("train")).toEqual(["node-a"]);
  });
});

describe("the scheduler, by taints of a node that starts", () => {
  it("waits for the kubelet, for Kubernetes' own taint after it, and for a plugin's", async () => {
    const agent = { key: "node.cilium.io/agent-not-ready", value: "true", effect: "NoSchedule" };
    join("a", { startup: { readyAfterMs: 20 * SECOND, taints: [{ ...agent, forMs: 50 * SECOND }] } });
    cluster.create(deployment("web", 1), daemonSet("cni", { podSpec: { tolerations: TOLERATES_ALL } }));
    expect(messages("web").join()).toContain("untolerated taint");
    expect(nodesOf("cni")).toEqual(["node-a"]);
    await clock.advance(49 * SECOND);
    expect(nodesOf("web")).toEqual([""]);
    await clock.advance(SECOND);
    expect(nodesOf("web")).toEqual(["node-a"]);
  });

  it("keeps the not-ready taint for a moment after the node is ready", async () => {
    join("a", { startup: { readyAfterMs: 20 * SECOND } });
    cluster.create(deployment("web", 1));
    await clock.advance(29 * SECOND);
    expect(nodesOf("web")).toEqual([""]);
    await clock.advance(SECOND);
    expect(nodesOf("web")).toEqual(["node-a"]);
  });

  it("makes pods anew of a node that is not heard of for five minutes, and leaves the old ones ending", async () => {
    join("a");
    cluster.create(deployment("web", 1));
    join("b");
    await clock.advance(10 * SECOND);
    cluster.silence("node-a");
    await clock.advance(299 * SECOND);
    expect(nodesOf("web")).toEqual(["node-a"]);
    await clock.advance(60 * SECOND);
    expect(nodesOf("web")).toEqual(["node-a", "node-b"]);
  });

  it("leaves a DaemonSet's pod on a node that is tainted later", () => {
    join("a");
    cluster.create(daemonSet("logs"));
    const { store } = cluster.state;
    const node = store.get("nodes", "", "node-a");
    const taints = [{ key: "reflex/draining", value: "1", effect: "NoSchedule" }];
    store.replace("nodes", { ...node, spec: { ...node.spec, unschedulable: true, taints } });
    cluster.settle();
    expect(nodesOf("logs")).toEqual(["node-a"]);
  });
});

describe("the scheduler, by ports and other pods", () => {
  it("gives one host port of a node once, a DaemonSet's pod included", () => {
    join("a");
    cluster.create(daemonSet("proxy", { hostPort: 8080 }));
    cluster.create(deployment("web", 1, { hostPort: 8080 }));
    expect(nodesOf("proxy")).toEqual(["node-a"]);
    expect(nodesOf("web")).toEqual([""]);
    expect(messages("web").join()).toContain("free ports");
  });

  it("obeys the anti-affinity of a pod, and of one that is there already", () => {
    join("a");
    cluster.create(deployment("db", 1, { podSpec: { affinity: apartFrom("noisy") } }));
    cluster.create(deployment("noisy", 1));
    expect(nodesOf("noisy")).toEqual([""]);
    join("b");
    expect(nodesOf("noisy")).toEqual(["node-b"]);
  });

  it("obeys a spread with DoNotSchedule, and minDomains", () => {
    for (const zone of ["a", "b"]) join(zone);
    const spread = spreadOverZones("web", { minDomains: 3 });
    cluster.create(deployment("web", 3, { milliCpu: 1, podSpec: { topologySpreadConstraints: spread } }));
    expect(nodesOf("web")).toEqual(["", "node-a", "node-b"]);
    join("c");
    expect(nodesOf("web")).toEqual(["node-a", "node-b", "node-c"]);
  });

  it("counts the domains of tainted nodes, unless the constraint honours taints", () => {
    join("a");
    join("b", { taints: [{ key: "dedicated", effect: "NoSchedule" }] });
    for (const [app, more] of [
      ["ignore", {}],
      ["honour", { nodeTaintsPolicy: "Honor" }],
    ] as const) {
      const topologySpreadConstraints = spreadOverZones(app, more);
      cluster.create(deployment(app, 3, { milliCpu: 1, podSpec: { topologySpreadConstraints } }));
    }
    expect(nodesOf("ignore")).toEqual(["", "", "node-a"]);
    expect(nodesOf("honour")).toEqual(["node-a", "node-a", "node-a"]);
  });

  it("does not look at a pod with a scheduling gate", () => {
    join("a");
    cluster.create(named("gated", { schedulingGates: [{ name: "quota" }] }));
    expect(nodesOf("gated")).toEqual([""]);
    expect(textAt(pods("gated")[0], "status.conditions.0.reason")).toBe("SchedulingGated");
  });
});

describe("the scheduler, by volumes", () => {
  it("makes a volume in the zone of the first pod, and brings the pod back to it", async () => {
    for (const zone of ["a", "b"]) join(zone);
    cluster.create(storageClass(), claim("data"));
    cluster.create(named("db", { volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }] }));
    const [first = ""] = nodesOf("db");
    const volume = textAt(
      cluster.state.store.get("persistentvolumeclaims", "default", "data"),
      "spec.volumeName",
    );
    expect(textAt(cluster.state.store.get("persistentvolumes", "", volume), "spec.csi.driver")).toBe(EBS);
    cluster.create(
      named("again", { volumes: [{ name: "d", persistentVolumeClaim: { claimName: "data" } }] }),
    );
    expect(nodesOf("again")).toEqual([first]);
  });

  it("leaves a pod whose claim is missing, with the reason", () => {
    join("a");
    cluster.create(job("report", 10, { claims: ["gone"] }));
    expect(messages("report").join()).toContain('persistentvolumeclaim "gone" not found');
  });

  it("attaches no more volumes to a node than its CSI driver says", () => {
    join("a", { startup: { volumes: { afterMs: 0, driver: EBS, count: 2 } } });
    return clock.advance(0).then(() => {
      cluster.create(storageClass());
      for (const name of ["x", "y", "z"]) {
        cluster.create(claim(name), deployment(`app-${name}`, 1, { milliCpu: 1, claims: [name] }));
      }
      expect(["app-x", "app-y", "app-z"].flatMap(nodesOf)).toEqual(["node-a", "node-a", ""]);
      expect(messages("app-z").join()).toContain("exceed max volume count");
    });
  });
});

describe("the scheduler, by priority", () => {
  const important = (value: number): SeedObject =>
    ({ kind: "PriorityClass", metadata: { name: `p${value}` }, value }) as SeedObject;

  it("makes room for a pod of higher priority, and keeps that room for it", async () => {
    join("a");
    cluster.create(important(100), deployment("batch", 4, { milliCpu: 500 }));
    await clock.advance(10 * SECOND);
    cluster.create(deployment("urgent", 1, { milliCpu: 500, podSpec: { priorityClassName: "p100" } }));
    expect(textAt(pods("urgent")[0], "status.nominatedNodeName")).toBe("node-a");
    await clock.advance(10 * SECOND);
    expect(nodesOf("urgent")).toEqual(["node-a"]);
    expect(nodesOf("batch")).toEqual(["", "node-a", "node-a", "node-a"]);
    expect(cluster.endings().map(({ how }) => how)).toEqual(["preempted"]);
  });

  it("preempts nobody for a pod that does not want to", async () => {
    join("a");
    cluster.create(deployment("batch", 4, { milliCpu: 500 }));
    await clock.advance(10 * SECOND);
    cluster.create(
      named("polite", {
        priority: 100,
        preemptionPolicy: "Never",
        containers: [{ name: "m", resources: { requests: { cpu: "1" } } }],
      }),
    );
    await clock.advance(10 * SECOND);
    expect(nodesOf("polite")).toEqual([""]);
    expect(cluster.endings()).toEqual([]);
  });
});

describe("a job", () => {
  it("runs its pod to the end", async () => {
    join("a");
    cluster.create(job("report", 30));
    await clock.advance(36 * SECOND);
    expect(pods("report").map((pod) => textAt(pod, "status.phase"))).toEqual(["Succeeded"]);
    expect(textAt(cluster.state.store.get("jobs", "default", "report"), "status.succeeded")).toBe("1");
  });
});
