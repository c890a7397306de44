import { meetsTerms } from "../../../shared/kubernetes/scheduling/node-term.ts";
import { nodeTermsShape } from "../../../shared/kubernetes/scheduling/node-term-shape.ts";
import { at, type KubeObject, textAt } from "../object.ts";
import type { ClusterState } from "../state.ts";
import { listAt } from "./amounts.ts";
import type { Filter } from "./filter.ts";
import type { PodView } from "./pod-view.ts";
import type { NodeView } from "./snapshot.ts";

const ZONE = "topology.kubernetes.io/zone";

const claimOf = ({ store }: ClusterState, { namespace }: PodView, name: string): KubeObject | undefined =>
  store.find("persistentvolumeclaims", namespace, name);

const volumeOf = ({ store }: ClusterState, claim: KubeObject): KubeObject | undefined => {
  const name = textAt(claim, "spec.volumeName");
  return name === "" ? undefined : store.find("persistentvolumes", "", name);
};

const classOf = ({ store }: ClusterState, claim: KubeObject): KubeObject | undefined =>
  store.find("storageclasses", "", textAt(claim, "spec.storageClassName"));

const waitsForConsumer = (state: ClusterState, claim: KubeObject): boolean =>
  textAt(classOf(state, claim), "volumeBindingMode") === "WaitForFirstConsumer";

/** `VolumeBinding` before any node is looked at: what keeps the pod from every node. */
export function unboundClaim(pod: PodView, state: ClusterState): string | undefined {
  for (const name of pod.claims) {
    const claim = claimOf(state, pod, name);
    if (!claim) return `persistentvolumeclaim "${name}" not found`;
    if (textAt(claim, "spec.volumeName") !== "" || waitsForConsumer(state, claim)) continue;
    return "pod has unbound immediate PersistentVolumeClaims";
  }
  return undefined;
}

/** `VolumeBinding`: a bound volume is where it is. */
export const volumeBinding: Filter = (pod, node, { state }) => {
  for (const name of pod.claims) {
    const claim = claimOf(state, pod, name);
    const required = claim && at(volumeOf(state, claim), "spec.nodeAffinity.required");
    if (required !== undefined && !meetsTerms(nodeTermsShape.parse(required), node))
      return "node(s) had volume node affinity conflict";
  }
  return undefined;
};

/** `VolumeRestrictions`: a volume of access mode ReadWriteOncePod is one pod's, whatever the node. */
export const volumeRestrictions: Filter = (pod, _node, { state, nodes }) => {
  const exclusive = pod.claims.filter((name) =>
    listAt(claimOf(state, pod, name), "spec.accessModes").includes("ReadWriteOncePod"),
  );
  if (exclusive.length === 0) return undefined;
  const isTaken = [...nodes.values()].some(({ pods }) =>
    pods.some(
      ({ uid, namespace, claims }) =>
        uid !== pod.uid && namespace === pod.namespace && claims.some((name) => exclusive.includes(name)),
    ),
  );
  return isTaken
    ? "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"
    : undefined;
};

/** `NodeVolumeLimits`: a CSI driver attaches only so many volumes to a node. */
export const nodeVolumeLimits: Filter = (pod, node, { state }) => {
  if (pod.claims.length === 0 || node.volumeLimits.size === 0) return undefined;
  const attached = new Map([...node.pods, pod].flatMap((each) => volumesOf(each, state)));
  for (const [driver, limit] of node.volumeLimits) {
    const own = volumesOf(pod, state).some(([, each]) => each === driver);
    const count = [...attached.values()].filter((each) => each === driver).length;
    if (own && count > limit) return "node(s) exceed max volume count";
  }
  return undefined;
};

/** The pod's volumes with their drivers; two pods with the same claim have the same volume. */
const volumesOf = (pod: PodView, state: ClusterState): [string, string][] =>
  pod.claims.flatMap((name): [string, string][] => {
    const claim = claimOf(state, pod, name);
    if (!claim) return [];
    const driver =
      textAt(volumeOf(state, claim), "spec.csi.driver") || textAt(classOf(state, claim), "provisioner");
    return driver === "" ? [] : [[`${pod.namespace}/${name}`, driver]];
  });

/** Makes the volumes of claims that waited for a pod, in the zone of its node. */
export function provisionVolumes(pod: PodView, node: NodeView, state: ClusterState): void {
  const { store } = state;
  for (const name of pod.claims) {
    const claim = claimOf(state, pod, name);
    if (!claim || textAt(claim, "spec.volumeName") !== "" || !waitsForConsumer(state, claim)) continue;
    const volume = `pvc-${claim.metadata.uid}`;
    const zone = { key: ZONE, operator: "In", values: [node.labels[ZONE] ?? ""] };
    store.create("persistentvolumes", {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: volume },
      spec: {
        claimRef: { namespace: pod.namespace, name },
        capacity: { storage: textAt(claim, "spec.resources.requests.storage") || "1Gi" },
        csi: { driver: textAt(classOf(state, claim), "provisioner"), volumeHandle: `vol-${volume}` },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } },
      },
    });
    store.replace("persistentvolumeclaims", {
      ...claim,
      spec: { ...claim.spec, volumeName: volume },
      status: { phase: "Bound", accessModes: at(claim, "spec.accessModes") },
    });
  }
}
