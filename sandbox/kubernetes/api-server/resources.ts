/** One resource the API serves. */
export interface Resource {
  /** For example `pods`. */
  readonly plural: string;
  readonly kind: string;
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  /** `pods/eviction`, `deployments/scale`: kind and, where it is another's, group and version. */
  readonly subresources: readonly Subresource[];
}

export interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
}

const scale: Subresource = {
  name: "scale",
  kind: "Scale",
  group: "autoscaling",
  version: "v1",
  verbs: ["get", "patch", "update"],
};
const eviction: Subresource = {
  name: "eviction",
  kind: "Eviction",
  group: "policy",
  version: "v1",
  verbs: ["create"],
};

const resource = (
  apiVersion: string,
  plural: string,
  kind: string,
  options: Partial<Pick<Resource, "namespaced" | "shortNames" | "subresources">> = {},
): Resource => {
  const [group = "", version = ""] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  return { plural, kind, group, version, namespaced: true, shortNames: [], subresources: [], ...options };
};

export const RESOURCES: readonly Resource[] = [
  resource("v1", "namespaces", "Namespace", { namespaced: false, shortNames: ["ns"] }),
  resource("v1", "nodes", "Node", { namespaced: false, shortNames: ["no"] }),
  resource("v1", "pods", "Pod", { shortNames: ["po"], subresources: [eviction] }),
  resource("v1", "events", "Event", { shortNames: ["ev"] }),
  resource("v1", "persistentvolumes", "PersistentVolume", { namespaced: false, shortNames: ["pv"] }),
  resource("v1", "persistentvolumeclaims", "PersistentVolumeClaim", { shortNames: ["pvc"] }),
  resource("apps/v1", "deployments", "Deployment", { shortNames: ["deploy"], subresources: [scale] }),
  resource("apps/v1", "replicasets", "ReplicaSet", { shortNames: ["rs"], subresources: [scale] }),
  resource("apps/v1", "statefulsets", "StatefulSet", { shortNames: ["sts"], subresources: [scale] }),
  resource("apps/v1", "daemonsets", "DaemonSet", { shortNames: ["ds"] }),
  resource("batch/v1", "jobs", "Job"),
  resource("storage.k8s.io/v1", "storageclasses", "StorageClass", { namespaced: false, shortNames: ["sc"] }),
  resource("storage.k8s.io/v1", "csinodes", "CSINode", { namespaced: false }),
  resource("scheduling.k8s.io/v1", "priorityclasses", "PriorityClass", {
    namespaced: false,
    shortNames: ["pc"],
  }),
  resource("policy/v1", "poddisruptionbudgets", "PodDisruptionBudget", { shortNames: ["pdb"] }),
  resource("coordination.k8s.io/v1", "leases", "Lease"),
  resource("rbac.authorization.k8s.io/v1", "clusterroles", "ClusterRole", { namespaced: false }),
  resource("rbac.authorization.k8s.io/v1", "clusterrolebindings", "ClusterRoleBinding", {
    namespaced: false,
  }),
];

export const VERBS = ["create", "delete", "get", "list", "patch", "update", "watch"];

export const apiVersionOf = ({ group, version }: Pick<Resource, "group" | "version">): string =>
  group ? `${group}/${version}` : version;
