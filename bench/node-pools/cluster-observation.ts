/**
 * What scale-node-pools keeps of a cluster it lists, and how long reading takes: pods come in pages of 500, raw as
 * an API server sends them, and only one page of each list is in memory at a time. Beside it the same pages
 * parsed as JSON and nothing done with them: the floor.
 */
import { observeCluster } from "../../functions/scale-node-pools/observe/cluster.ts";
import type { KubernetesApi } from "../../shared/kubernetes/api/api.ts";
import { collectGarbage } from "../collect-garbage.ts";
import { median, printTable } from "../table.ts";

const PAGE = 500;
const PODS_PER_NODE = 30;
const RUNS = 5;
const MIB = 2 ** 20;
const { signal } = new AbortController();

/** A pod as the API server answers it, with what most pods carry and nobody here reads. */
const pod = (index: number): object => ({
  metadata: {
    name: `app-${index % 200}-7d9c5b8f6d-${index}`,
    namespace: "default",
    uid: `00000000-0000-0000-0000-${String(index).padStart(12, "0")}`,
    resourceVersion: String(index),
    creationTimestamp: "2026-06-01T12:00:00Z",
    labels: { app: `app-${index % 200}`, "pod-template-hash": "7d9c5b8f6d" },
    ownerReferences: [
      { apiVersion: "apps/v1", kind: "ReplicaSet", name: `app-${index % 200}`, uid: "1", controller: true },
    ],
    managedFields: [
      {
        manager: "kube-controller-manager",
        operation: "Update",
        fieldsV1: {
          "f:metadata": { "f:labels": { ".": {}, "f:app": {} } },
          "f:spec": {
            "f:containers": {
              'k:{"name":"main"}': {
                "f:image": {},
                "f:resources": { "f:requests": { "f:cpu": {}, "f:memory": {} } },
              },
            },
          },
        },
      },
    ],
  },
  spec: {
    nodeName: `node-${Math.floor(index / PODS_PER_NODE)}`,
    containers: [
      {
        name: "main",
        image: "registry.example/app:1.2.3",
        resources: { requests: { cpu: `${50 + (index % 10) * 25}m`, memory: "256Mi" } },
        env: Array.from({ length: 10 }, (_, at) => ({
          name: `SETTING_${at}`,
          value: `value of setting ${at}`,
        })),
      },
    ],
    tolerations: [
      {
        key: "node.kubernetes.io/not-ready",
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      },
    ],
    volumes: [
      {
        name: "token",
        projected: { sources: [{ serviceAccountToken: { expirationSeconds: 3607, path: "token" } }] },
      },
    ],
  },
  status: {
    phase: "Running",
    conditions: [
      { type: "PodScheduled", status: "True" },
      { type: "Ready", status: "True" },
    ],
    podIP: "10.0.0.1",
    containerStatuses: [
      {
        name: "main",
        ready: true,
        restartCount: 0,
        state: { running: { startedAt: "2026-06-01T12:00:05Z" } },
      },
    ],
  },
});

const node = (index: number): object => ({
  metadata: {
    name: `node-${index}`,
    uid: `node-${index}`,
    resourceVersion: "1",
    creationTimestamp: "2026-06-01T11:00:00Z",
    labels: { "topology.kubernetes.io/zone": "us-east-1a" },
  },
  spec: { providerID: `aws:///us-east-1a/i-${index.toString(16).padStart(17, "0")}` },
  status: {
    allocatable: { cpu: "15890m", memory: "58Gi", pods: "110" },
    conditions: [{ type: "Ready", status: "True" }],
  },
});

/** Answers each page from text, as a response body would be parsed; counts the characters. */
function clusterOf(nodes: number, read: { characters: number }): KubernetesApi {
  const lists: Readonly<Record<string, (index: number) => object>> = { nodes: node, pods: pod };
  return {
    cluster: "main",
    call: async ({ resource, query }) => {
      const waiting = query?.fieldSelector?.startsWith("spec.nodeName=,");
      const size = waiting
        ? 0
        : resource === "nodes"
          ? nodes
          : resource === "pods"
            ? nodes * PODS_PER_NODE
            : 0;
      const from = Number(query?.continue ?? 0);
      const items = Array.from({ length: Math.min(PAGE, size - from) }, (_, index) =>
        lists[resource]?.(from + index),
      );
      const next = from + PAGE < size ? { continue: String(from + PAGE) } : {};
      const text = JSON.stringify({ metadata: next, items });
      read.characters += text.length;
      return JSON.parse(text);
    },
  };
}

/** The same pages, read and let go. */
async function floor(api: KubernetesApi): Promise<void> {
  for (const resource of ["nodes", "pods"]) {
    let next: string | undefined;
    do {
      const query = { fieldSelector: "spec.nodeName!=", ...(next !== undefined && { continue: next }) };
      const page = await api.call({ method: "GET", path: "", verb: "list", resource, query });
      next = nextOf(page);
    } while (next !== undefined);
  }
}

function nextOf(page: unknown): string | undefined {
  const { metadata } = page as { metadata: { continue?: string } };
  return metadata.continue;
}

export async function clusterObservation(): Promise<void> {
  const rows = [];
  for (const nodes of [250, 500, 1000, 2000]) {
    const read = { characters: 0 };
    await observeCluster(clusterOf(nodes, read), Promise.resolve(new Map()), signal);
    const raw = read.characters / MIB;
    const ours = [];
    const least = [];
    let kept = 0;
    for (let round = 0; round < RUNS; round += 1) {
      const api = clusterOf(nodes, read);
      least.push(await timed(() => floor(api)));
      collectGarbage();
      const before = process.memoryUsage().heapUsed;
      let seen: unknown;
      ours.push(
        await timed(async () => {
          seen = await observeCluster(api, Promise.resolve(new Map()), signal);
        }),
      );
      collectGarbage();
      kept = (process.memoryUsage().heapUsed - before) / MIB;
      if (!seen) throw new Error("nothing was observed");
    }
    rows.push([
      nodes.toLocaleString("en"),
      (nodes * PODS_PER_NODE).toLocaleString("en"),
      raw.toFixed(0),
      kept.toFixed(1),
      median(ours).toFixed(0),
      `x ${(median(ours) / median(least)).toFixed(2)}`,
    ]);
  }
  printTable(
    "Observing a cluster page by page",
    ["nodes", "pods", "MiB listed", "MiB kept", "ms", "of making and parsing the pages"],
    rows,
  );
}

async function timed(run: () => Promise<void>): Promise<number> {
  const from = performance.now();
  await run();
  return performance.now() - from;
}
