import { createHash } from "node:crypto";
import { at, controllerOf, type KubeObject, numberAt } from "../object.ts";
import type { Controller } from "./controller.ts";

/** One ReplicaSet for the newest template; those of older templates go. No rolling update. */
export const deployments: Controller = ({ store }) => {
  for (const deployment of store.list("deployments")) {
    const { name, namespace = "default", uid } = deployment.metadata;
    const template = at(deployment, "spec.template");
    const wanted = `${name}-${createHash("sha256").update(JSON.stringify(template)).digest("hex").slice(0, 10)}`;
    const owned = store.list("replicasets").filter((set) => controllerOf(set)?.uid === uid);
    for (const old of owned)
      if (old.metadata.name !== wanted) store.remove("replicasets", namespace, old.metadata.name);

    const replicas = numberAt(deployment, "spec.replicas", 1);
    const current = owned.find(({ metadata }) => metadata.name === wanted);
    if (!current) {
      store.create("replicasets", {
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        metadata: {
          name: wanted,
          namespace,
          labels: { ...deployment.metadata.labels },
          ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name, uid, controller: true }],
        },
        spec: { replicas, selector: at(deployment, "spec.selector"), template },
      });
    } else if (numberAt(current, "spec.replicas") !== replicas) {
      store.replace("replicasets", { ...current, spec: { ...current.spec, replicas } });
    }
    store.replace("deployments", { ...deployment, status: { ...statusOf(current), observedGeneration: 1 } });
  }
};

const statusOf = (set: KubeObject | undefined) => ({
  replicas: numberAt(set, "status.replicas"),
  updatedReplicas: numberAt(set, "status.replicas"),
  readyReplicas: numberAt(set, "status.readyReplicas"),
  availableReplicas: numberAt(set, "status.readyReplicas"),
});
