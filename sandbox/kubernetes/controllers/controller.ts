import type { ClusterState } from "../state.ts";
import { daemonSets } from "./daemon-sets.ts";
import { deployments } from "./deployments.ts";
import { disruptionBudgets } from "./disruption-budgets.ts";
import { garbage } from "./garbage.ts";
import { replicaSets } from "./replica-sets.ts";
import { statefulSets } from "./stateful-sets.ts";

/** Brings what is closer to what is wanted. Does nothing when it is so already. */
export type Controller = (state: ClusterState) => void;

/** In this order: each sees what those before it did. */
export const CONTROLLERS: readonly Controller[] = [
  garbage,
  deployments,
  replicaSets,
  statefulSets,
  daemonSets,
  disruptionBudgets,
];
