import { describe, expect, it } from "vitest";
import type { KubeObject } from "../../../sandbox/kubernetes/object.ts";
import { podView } from "../../../sandbox/kubernetes/scheduler/pod-view.ts";
import { parsePod, readPod } from "../../../shared/kubernetes/pod.ts";

const raw = (spec: object, over: object = {}) => ({
  metadata: {
    namespace: "default",
    name: "web",
    uid: "u",
    creationTimestamp: "2026-06-01T12:00:00Z",
    ...over,
  },
  spec: { containers: [], ...spec },
  status: {},
});
const parsed = (spec: object) => parsePod(raw(spec));
const container = (resources: object, more: object = {}) => ({ resources, ...more });

describe("what a pod requests", () => {
  it.each([
    ["its limits where it requests nothing", { limits: { cpu: "500m", "ephemeral-storage": "1Gi" } }, 500],
    ["its requests where it has both", { requests: { cpu: "100m" }, limits: { cpu: "500m" } }, 100],
    [
      "both, each for what the other does not name",
      { requests: { memory: "1Gi" }, limits: { cpu: "2" } },
      2000,
    ],
  ])("is %s", (_, resources, milliCpu) => {
    expect(parsed({ containers: [container(resources)] }).requests.milliCpu).toBe(milliCpu);
  });

  it("is its own limit where none of its containers requests anything", () => {
    const resources = { limits: { cpu: "2", memory: "1Gi", "hugepages-2Mi": "4Mi" } };
    expect(parsed({ resources, containers: [container({})] }).requests).toMatchObject({
      milliCpu: 2000,
      memory: 2 ** 30,
      extended: { "hugepages-2Mi": 4 * 2 ** 20 },
    });
    const asked = { resources, containers: [container({ requests: { cpu: "1" } })] };
    expect(parsed(asked).requests.milliCpu).toBe(1000);
  });

  it.each([
    ["which its node can never give, is what it holds", "PodResizePending", "Infeasible", "64", "1", 1000],
    ["which has to wait for room, is what it asks for", "PodResizePending", "Deferred", "4", "1", 4000],
    [
      "that makes it smaller, is what it holds until it is done",
      "PodResizeInProgress",
      undefined,
      "1",
      "4",
      4000,
    ],
    ["that is over, is what it asks for", "PodScheduled", undefined, "1", "4", 1000],
  ])("in the middle of a change %s", (_, type, reason, cpu, held, milliCpu) => {
    const requests = { cpu: held, memory: "1Gi" };
    const pod = (own: string, statuses: string, more: object = {}) => ({
      ...raw({ [own]: [{ name: "main", resources: { requests: { cpu, memory: "1Gi" } }, ...more }] }),
      status: {
        conditions: [{ type, status: "True", ...(reason && { reason }) }],
        [statuses]: [{ name: "main", resources: { requests }, allocatedResources: requests }],
      },
    });
    const amounts = { milliCpu, memory: 2 ** 30 };
    expect(parsePod(pod("containers", "containerStatuses")).requests).toMatchObject(amounts);
    const sidecar = pod("initContainers", "initContainerStatuses", { restartPolicy: "Always" });
    expect(parsePod(sidecar).requests).toMatchObject(amounts);
    expect(podView(sidecar as unknown as KubeObject).requests).toMatchObject({
      cpu: milliCpu,
      memory: 2 ** 30,
    });
  });

  it("has the overhead of its RuntimeClass, beside its sidecars and whatever requests it has of its own", () => {
    const containers = [container({ requests: { cpu: "500m" } })];
    const initContainers = [
      container({ requests: { cpu: "200m" } }, { restartPolicy: "Always" }),
      container({ requests: { cpu: "2" } }),
    ];
    const overhead = { cpu: "250m", memory: "120Mi" };
    const own = { ...raw({ containers, initContainers, overhead }) };
    expect(parsePod(own).requests).toMatchObject({ milliCpu: 2_450, memory: 120 * 2 ** 20 });
    const resources = { requests: { cpu: "3" } };
    const podLevel = raw({ containers, initContainers, overhead, resources });
    expect(parsePod(podLevel).requests).toMatchObject({ milliCpu: 3_250 });
    for (const each of [own, podLevel])
      expect(podView(each as unknown as KubeObject).requests.cpu).toBe(parsePod(each).requests.milliCpu);
  });

  it.each([
    ["1k", 1000],
    ["1e3", 1000],
    ["100m", 1],
    [".5Gi", 2 ** 29],
    [1024, 1024],
  ])("may be written as %s bytes", (memory, bytes) => {
    expect(parsed({ containers: [container({ requests: { memory } })] }).requests.memory).toBe(bytes);
  });
});

describe("the ports of the node that a pod takes", () => {
  const ports = [{ containerPort: 9100 }, { containerPort: 9200, hostPort: 80, protocol: "UDP" }];

  it("are all its containers' on the host's network", () => {
    expect(parsed({ hostNetwork: true, containers: [{ ports }] }).hostPorts).toEqual(["TCP/9100", "UDP/80"]);
    expect(parsed({ containers: [{ ports }] }).hostPorts).toEqual(["UDP/80"]);
  });

  it("are those of what keeps running", () => {
    const initContainers = [
      { ports: [{ hostPort: 1 }] },
      { ports: [{ hostPort: 2 }], restartPolicy: "Always" },
    ];
    expect(parsed({ initContainers }).hostPorts).toEqual(["TCP/2"]);
  });
});

describe("a pod's affinity", () => {
  const required = (podAntiAffinity: object[], podAffinity: object[] = []) => ({
    affinity: {
      podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: podAntiAffinity },
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: podAffinity },
    },
  });
  const term = { topologyKey: "zone", labelSelector: { matchLabels: { app: "web" } } };

  it.each([
    ["its own namespace", {}, { namespaces: ["default"] }],
    ["the namespaces it lists", { namespaces: ["a", "b"] }, { namespaces: ["a", "b"] }],
    [
      "those it selects",
      { namespaceSelector: { matchLabels: { team: "a" } } },
      { namespaces: [], namespaceSelector: { matchLabels: { team: "a" } } },
    ],
  ])("is about %s", (_, over, expected) => {
    expect(parsed(required([{ ...term, ...over }])).topology).toMatchObject([expected]);
  });

  it("to pods that no selector names is one to no pod", () => {
    const [rule] = parsed(required([], [{ topologyKey: "zone" }])).topology;
    expect(rule?.selector.matchExpressions).toEqual([{ key: "metadata.name", operator: "In", values: [] }]);
  });
});

describe("a pod that cannot be read", () => {
  const newer = { tolerations: [{ key: "age", operator: "Lt", value: "5" }], nodeName: "node-1" };

  it("is known by its name, its owner and its node", () => {
    const owner = [{ kind: "DaemonSet", name: "logs", controller: true }];
    expect(readPod(raw(newer, { ownerReferences: owner }))).toMatchObject({
      name: "web",
      uid: "u",
      nodeName: "node-1",
      controller: { kind: "DaemonSet", name: "logs" },
      unreadable: expect.stringContaining("tolerations"),
    });
  });

  it("without a name is no answer", () => {
    expect(() => readPod({ metadata: {}, spec: newer })).toThrow(/not understood/);
  });
});
