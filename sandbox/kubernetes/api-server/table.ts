import { at, controllerOf, type KubeObject, numberAt, textAt } from "../object.ts";

/** One column of `kubectl get`. */
interface Column {
  readonly name: string;
  readonly type?: "string" | "integer" | "date";
  /** Above 0 it is shown by `-o wide` only. */
  readonly priority?: number;
  readonly cell: (object: KubeObject, now: number) => string | number;
}

const name: Column = { name: "Name", cell: ({ metadata }) => metadata.name };
const age: Column = { name: "Age", cell: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now) };
const count = (title: string, path: string): Column => ({
  name: title,
  type: "integer",
  cell: (object) => numberAt(object, path),
});
const ready = (path: string): Column => ({
  name: "Ready",
  cell: (object) => `${numberAt(object, path)}/${numberAt(object, "spec.replicas")}`,
});

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  nodes: [
    name,
    { name: "Status", cell: nodeStatus },
    { name: "Roles", cell: () => "<none>" },
    age,
    { name: "Version", cell: (node) => textAt(node, "status.nodeInfo.kubeletVersion") },
    { name: "Zone", cell: ({ metadata }) => metadata.labels?.["topology.kubernetes.io/zone"] ?? "" },
    { name: "Instance", priority: 1, cell: (node) => textAt(node, "spec.providerID") },
  ],
  pods: [
    name,
    { name: "Ready", cell: (pod) => (isReady(pod) ? "1/1" : "0/1") },
    {
      name: "Status",
      cell: (pod) => (pod.metadata.deletionTimestamp ? "Terminating" : textAt(pod, "status.phase")),
    },
    { name: "Restarts", type: "integer", cell: () => 0 },
    age,
    { name: "Node", priority: 1, cell: (pod) => textAt(pod, "spec.nodeName") || "<none>" },
    { name: "Controlled By", priority: 1, cell: (pod) => controllerOf(pod)?.name ?? "<none>" },
  ],
  poddisruptionbudgets: [
    name,
    { name: "Min Available", cell: (budget) => textAt(budget, "spec.minAvailable") || "N/A" },
    { name: "Max Unavailable", cell: (budget) => textAt(budget, "spec.maxUnavailable") || "N/A" },
    count("Allowed Disruptions", "status.disruptionsAllowed"),
    age,
  ],
  deployments: [name, ready("status.readyReplicas"), count("Available", "status.availableReplicas"), age],
  replicasets: [
    name,
    count("Desired", "spec.replicas"),
    count("Current", "status.replicas"),
    count("Ready", "status.readyReplicas"),
    age,
  ],
  statefulsets: [name, ready("status.readyReplicas"), age],
  daemonsets: [
    name,
    count("Desired", "status.desiredNumberScheduled"),
    count("Current", "status.currentNumberScheduled"),
    count("Ready", "status.numberReady"),
    age,
  ],
};

/** The objects as kubectl prints them: it asks for a `Table` and shows what is in it. */
export function table(
  resource: string,
  objects: readonly KubeObject[],
  metadata: object,
  now: number,
): object {
  const columns = COLUMNS[resource] ?? [name, age];
  return {
    kind: "Table",
    apiVersion: "meta.k8s.io/v1",
    metadata,
    columnDefinitions: columns.map(({ name, type = "string", priority = 0 }) => ({
      name,
      type,
      format: name === "Name" ? "name" : "",
      description: name,
      priority,
    })),
    rows: objects.map((object) => ({
      cells: columns.map(({ cell }) => cell(object, now)),
      object: { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: object.metadata },
    })),
  };
}

function nodeStatus(node: KubeObject): string {
  const status = isReady(node) ? "Ready" : "NotReady";
  return at(node, "spec.unschedulable") === true ? `${status},SchedulingDisabled` : status;
}

/** The condition `Ready` is `True`. */
export function isReady(object: KubeObject): boolean {
  const conditions = at(object, "status.conditions");
  return (
    Array.isArray(conditions) &&
    conditions.some(
      (condition) => textAt(condition, "type") === "Ready" && textAt(condition, "status") === "True",
    )
  );
}

/** As kubectl writes it: `45s`, `12m`, `3h`, `5d`. */
function ageOf(creationTimestamp: string, now: number): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(creationTimestamp)) / 1000));
  if (seconds < 120) return `${seconds}s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}
