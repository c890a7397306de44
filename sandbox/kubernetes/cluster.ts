import type { SandboxClock } from "../clock/clock.ts";
import { apiVersionOf, RESOURCES } from "./api-server/resources.ts";
import { CONTROLLERS } from "./controllers/controllers.ts";
import { endOverduePods, startBoundPods } from "./kubelet.ts";
import { type JoiningMachine, joinNode, removeNode, silenceNode } from "./nodes.ts";
import type { NewObject } from "./object.ts";
import { podDefaults, workloadDefaults } from "./pods.ts";
import { makeRoom, schedule } from "./scheduler/schedule.ts";
import { type ClusterState, type Ending, type Pace, USUAL_PACE } from "./state.ts";
import { Store } from "./store.ts";
import { Timers } from "./timers.ts";

/** A Kubernetes cluster without machines: its objects, controllers and scheduler, on the sandbox's clock. */
export interface Cluster {
  readonly name: string;
  readonly state: ClusterState;
  /** Creates objects as `kubectl create` would, without their `apiVersion` where the kind says it. */
  create(...objects: readonly SeedObject[]): void;
  join(machine: JoiningMachine): void;
  silence(node: string): void;
  remove(node: string): void;
  /** Lets the controllers and the scheduler do what there is to do; called after every write of a client. */
  settle(): void;
  /** Every pod that was ended from outside, in order. */
  endings(): readonly Ending[];
}

export type SeedObject = Omit<NewObject, "apiVersion">;

/** More rounds than any chain of controllers has: a sign that two of them undo each other's work. */
const MOST_ROUNDS = 20;

export function createCluster(name: string, clock: SandboxClock, pace: Pace = USUAL_PACE): Cluster {
  const store = new Store(clock);
  const state: ClusterState = { store, clock, timers: new Timers(clock, settle), pace, endings: [] };
  const begun = new Set<string>();
  for (const namespace of ["default", "kube-system", "kube-node-lease"]) {
    store.create("namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: namespace },
      status: { phase: "Active" },
    });
  }

  function settle(): void {
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      const before = store.version;
      for (const controller of CONTROLLERS) controller(state);
      schedule(state);
      makeRoom(state);
      startBoundPods(state, begun);
      endOverduePods(state);
      if (store.version === before) return;
    }
    throw new Error(`The controllers of cluster ${name} do not come to rest.`);
  }

  return {
    name,
    state,
    settle,
    create(...objects) {
      for (const object of objects) createObject(store, object);
      settle();
    },
    join(machine) {
      joinNode(state, machine);
      settle();
    },
    silence(node) {
      silenceNode(state, node);
      settle();
    },
    remove(node) {
      removeNode(state, node);
      settle();
    },
    endings: () => state.endings,
  };
}

function createObject(store: Store, object: SeedObject): void {
  const resource = RESOURCES.find(({ kind }) => kind === object.kind);
  if (!resource) throw new Error(`The sandbox's Kubernetes has no kind ${object.kind}.`);
  const namespace = resource.namespaced ? { namespace: object.metadata.namespace ?? "default" } : {};
  store.create(resource.plural, {
    ...object,
    apiVersion: apiVersionOf(resource),
    metadata: { ...object.metadata, ...namespace },
    ...(object.spec && { spec: workloadDefaults(object.kind, object.spec) }),
    ...(object.kind === "Pod" && {
      spec: podDefaults(object.spec ?? {}, store),
      status: { phase: "Pending", ...object.status },
    }),
  });
}
