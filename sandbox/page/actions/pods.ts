import * as z from "zod/mini";
import { type Action, amount, parsed, Refused } from "./action.ts";

/** A cluster pods can be created in: one of the sandbox's Kubernetes clusters. */
export interface PodCluster {
  readonly name: string;
  /** Creates a Deployment of so many pods. */
  addPods(deployment: string, pods: number): void;
  /** Takes away every Deployment that was added here, and says how many pods they had. */
  removePods(): number;
}

const more = z.object({ cluster: z.string(), pods: amount(1, 1000) });
const none = z.object({ cluster: z.string() });

/** Pods appear that nobody has room for: the scheduler binds them as nodes come. */
export function addPendingPods(clusters: readonly PodCluster[]): Action {
  let made = 0;
  return {
    name: "add-pending-pods",
    available: () => clusters.length > 0,
    async run(body) {
      const { cluster, pods } = parsed(more, body);
      made += 1;
      named(clusters, cluster).addPods(`burst-${made}`, pods);
      return `${cluster}: ${pods} pods of the Deployment burst-${made} were added.`;
    },
  };
}

/** The pods that were added go again, and the pool has nodes to spare. */
export function removePods(clusters: readonly PodCluster[]): Action {
  return {
    name: "remove-pods",
    available: () => clusters.length > 0,
    async run(body) {
      const { cluster } = parsed(none, body);
      const gone = named(clusters, cluster).removePods();
      return gone > 0
        ? `${cluster}: the ${gone} added pods are removed.`
        : `${cluster}: no pods were added here.`;
    },
  };
}

function named(clusters: readonly PodCluster[], name: string): PodCluster {
  const found = clusters.find((cluster) => cluster.name === name);
  if (found) return found;
  throw new Refused(`There is no cluster ${name}.`);
}
