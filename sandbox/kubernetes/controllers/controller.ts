import type { ClusterState } from "../state.ts";

/** Moves the cluster one step towards what is declared. Writes nothing when it is there already. */
export type Controller = (state: ClusterState) => void;
