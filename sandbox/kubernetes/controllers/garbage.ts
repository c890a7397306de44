import { controllerOf } from "../object.ts";
import { endPod } from "../pods.ts";
import type { Controller } from "./controller.ts";

const OWNERS = ["deployments", "replicasets", "statefulsets", "daemonsets", "jobs"];

/** What is left of an owner that was deleted goes too. */
export const garbage: Controller = (state) => {
  const { store } = state;
  const owners = new Set(
    OWNERS.flatMap((resource) => store.list(resource).map(({ metadata }) => metadata.uid)),
  );
  const kinds = new Set(["Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job"]);
  for (const resource of ["replicasets", "pods"]) {
    for (const object of store.list(resource)) {
      const owner = controllerOf(object);
      if (!owner || !kinds.has(owner.kind) || owners.has(owner.uid)) continue;
      if (resource === "pods") {
        if (object.metadata.deletionTimestamp === undefined) endPod(state, object, undefined, "");
      } else store.remove(resource, object.metadata.namespace ?? "", object.metadata.name);
    }
  }
};
