import { expect, test } from "vitest";
import { observeCluster } from "../../../../functions/scale-node-pools/observe/cluster.ts";
import type { KubernetesApi } from "../../../../shared/kubernetes/api/api.ts";

const created = "2026-06-01T12:00:00Z";

const node = (name: string, spec: object = {}) => ({
  metadata: { name, uid: name, resourceVersion: "1", creationTimestamp: created, labels: { pool: "a" } },
  spec: { providerID: `aws:///us-east-1a/i-0${name.length}`, ...spec },
  status: {
    allocatable: { cpu: "2", memory: "8Gi", pods: "29" },
    conditions: [{ type: "Ready", status: "True" }],
  },
});

const named = (name: string) => ({ metadata: { namespace: "shop", name, uid: name } });
const selector = { matchExpressions: [{ key: "app", operator: "Near", values: ["web"] }] };
const template = (tolerations: readonly object[] = []) => ({ spec: { containers: [], tolerations } });

/** One object of each kind that this version can read, and one that it cannot. */
const LISTS: Readonly<Record<string, readonly object[]>> = {
  nodes: [
    node("good"),
    node("new-taint", { taints: [{ key: "a", effect: "NoBinding" }] }),
    { ...node("new-amount"), status: { allocatable: { cpu: "two" } } },
  ],
  pods: [
    {
      metadata: { ...named("web").metadata, creationTimestamp: created },
      spec: { nodeName: "good", containers: [] },
      status: { phase: "Running" },
    },
  ],
  daemonsets: [
    { ...named("good"), spec: { template: template() } },
    { ...named("new"), spec: { template: template([{ key: "age", operator: "Lt", value: "5" }]) } },
  ],
  poddisruptionbudgets: [
    { ...named("good"), spec: {} },
    { ...named("new"), spec: { selector } },
  ],
  persistentvolumeclaims: [
    { ...named("good"), spec: {} },
    { ...named("new"), spec: { volumeName: 7 } },
  ],
  persistentvolumes: [{ metadata: { name: "new" }, spec: { csi: {} } }],
  storageclasses: [{ metadata: { name: "new" } }],
  csinodes: [{ metadata: { name: "new" }, spec: { drivers: [{}] } }],
};

const apiOf = (lists: Readonly<Record<string, readonly object[]>>): KubernetesApi => ({
  cluster: "main",
  call: async () => ({ metadata: { resourceVersion: "1" }, items: [] }),
  list: async ({ resource }, take) => {
    await take(JSON.parse(JSON.stringify(lists[resource] ?? [])));
    return {};
  },
});

const observed = (api: KubernetesApi) =>
  observeCluster(api, Promise.resolve(new Map()), new AbortController().signal);

test("an object that cannot be read is left out and named, and stops no other", async () => {
  const { nodes, pods, daemonSets, budgets, unreadable } = await observed(apiOf(LISTS));
  expect([pods, daemonSets, budgets].map((all) => all.length)).toEqual([1, 1, 1]);
  expect(nodes.map(({ name }) => name)).toEqual(["good", "new-taint", "new-amount"]);
  expect(unreadable.map(({ kind, id }) => `${kind} ${id}`).toSorted()).toEqual([
    "csinodes new",
    "daemonsets shop/new",
    "nodes new-amount",
    "nodes new-taint",
    "persistentvolumeclaims shop/new",
    "persistentvolumes new",
    "poddisruptionbudgets shop/new",
    "storageclasses new",
  ]);
});

test("a node that cannot be read is its instance's all the same, and takes no pod", async () => {
  const { nodes } = await observed(apiOf(LISTS));
  expect(nodes[1]).toMatchObject({
    instanceId: "i-09",
    ready: true,
    cordoned: true,
    draining: undefined,
  });
  expect(nodes[1]?.allocatable).toEqual({ milliCpu: 0, memory: 0, pods: 0 });
});

/** A pod of DaemonSet `good` as it was admitted: with the defaults of a LimitRange, and the overhead of its RuntimeClass. */
const admitted = (name: string, minute: number, cpu: string, overhead: object = {}) => ({
  metadata: {
    ...named(name).metadata,
    creationTimestamp: `2026-06-01T12:0${minute}:00Z`,
    ownerReferences: [{ kind: "DaemonSet", name: "good", controller: true }],
  },
  spec: { nodeName: "good", containers: [{ resources: { requests: { cpu, memory: "64Mi" } } }], overhead },
  status: { phase: "Running" },
});

test.each([
  ["the defaults of its namespace's LimitRange", [admitted("a", 1, "300m")], 300],
  ["the overhead of its RuntimeClass", [admitted("a", 1, "100m", { cpu: "250m" })], 350],
  ["those of the newest of its pods", [admitted("a", 2, "200m"), admitted("b", 1, "900m")], 200],
  ["at least what its template says", [admitted("a", 1, "10m")], 100],
  ["its template's where no pod of it runs", [], 100],
])("the next pod of a DaemonSet requests %s", async (_, pods, milliCpu) => {
  const spec = { containers: [{ resources: { requests: { cpu: "100m" } } }] };
  const { daemonSets } = await observed(
    apiOf({ ...LISTS, pods, daemonsets: [{ ...named("good"), spec: { template: { spec } } }] }),
  );
  expect(daemonSets.map(({ shape }) => shape.requirements.requests.milliCpu)).toEqual([milliCpu]);
});

test("an object without a name is no answer", async () => {
  await expect(observed(apiOf({ ...LISTS, daemonsets: [{}] }))).rejects.toThrow(/not understood/);
});
