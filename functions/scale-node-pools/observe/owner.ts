import type { Pod } from "../../../shared/kubernetes/pod.ts";

/**
 * The workload a pod belongs to, as `namespace/kind/name`: the same for the pods of a Deployment whatever its
 * ReplicaSet, and for the Jobs of one CronJob.
 */
export function ownerOf({ namespace, name, labels, controller }: Pod): string {
  if (!controller) return `${namespace}/Pod/${name}`;
  const hash = labels["pod-template-hash"] ?? labels["rollouts-pod-template-hash"];
  if (controller.kind === "ReplicaSet" && hash !== undefined && controller.name.endsWith(`-${hash}`)) {
    return `${namespace}/Deployment/${controller.name.slice(0, -hash.length - 1)}`;
  }
  // A CronJob names its Jobs after itself and the minute they are for.
  const [, cronJob] = /^(.+)-\d{8,10}$/.exec(controller.kind === "Job" ? controller.name : "") ?? [];
  return cronJob === undefined
    ? `${namespace}/${controller.kind}/${controller.name}`
    : `${namespace}/CronJob/${cronJob}`;
}
