import { at, controllerOf, numberAt, textAt } from "../object.ts";
import { createPod, freshName } from "../pods.ts";
import type { Controller } from "./controller.ts";

const JOB = { group: "batch", version: "v1", kind: "Job" };

/** As many pods as `parallelism` says until `completions` of them have succeeded. */
export const jobs: Controller = (state) => {
  const { store } = state;
  for (const job of store.list("jobs")) {
    const pods = store.list("pods").filter((pod) => controllerOf(pod)?.uid === job.metadata.uid);
    const succeeded = pods.filter((pod) => textAt(pod, "status.phase") === "Succeeded").length;
    const active = pods.filter((pod) => !["Succeeded", "Failed"].includes(textAt(pod, "status.phase")));
    const completions = numberAt(job, "spec.completions", 1);
    const wanted = Math.min(numberAt(job, "spec.parallelism", 1), completions - succeeded);
    const isSuspended = at(job, "spec.suspend") === true;
    for (let missing = isSuspended ? 0 : wanted - active.length; missing > 0; missing -= 1)
      createPod(state, job, JOB, freshName(state, job));
    const isComplete = succeeded >= completions;
    store.replace("jobs", {
      ...job,
      status: {
        succeeded,
        active: isComplete ? 0 : wanted,
        ...(isComplete && { conditions: [{ type: "Complete", status: "True" }] }),
      },
    });
  }
};
