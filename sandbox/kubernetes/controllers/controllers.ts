import type { Controller } from "./controller.ts";
import { daemonSets } from "./daemon-sets.ts";
import { deployments } from "./deployments.ts";
import { disruptionBudgets } from "./disruption-budgets.ts";
import { garbage } from "./garbage.ts";
import { jobs } from "./jobs.ts";
import { nodeLifecycle } from "./node-lifecycle.ts";
import { replicaSets } from "./replica-sets.ts";
import { statefulSets } from "./stateful-sets.ts";

/** In this order: each sees what those before it did. */
export const CONTROLLERS: readonly Controller[] = [
  nodeLifecycle,
  garbage,
  deployments,
  replicaSets,
  statefulSets,
  jobs,
  daemonSets,
  disruptionBudgets,
];
