import type { NodeResult } from "../../../functions/drain-nodes/model/drain.ts";
import { type AppOptions, budget, daemonSet, deployment } from "../../../sandbox/fixtures/seeds.ts";
import type { Node, NodePatch } from "../../../shared/kubernetes/node.ts";
import { patchNode } from "../../../shared/kubernetes/node.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { createOutbox, type Outbox } from "../../../shared/ledger/outbox.ts";
import { Gate } from "../../node-pools/gate.ts";
import { inProcessApi } from "../../node-pools/kubernetes-api.ts";
import { MINUTE, World, ZONES } from "../../node-pools/world.ts";
import type { LedgerTable } from "../../shared/ledger/table.ts";

/** What a world remembers, in a table of its own. */
export interface Memory {
  readonly ledger: Ledger;
  readonly outbox: Outbox;
}

export async function newMemory({ client, another }: LedgerTable): Promise<Memory> {
  const table = await another();
  return {
    ledger: createLedger(client, { table, leaseMs: 210_000, keepMs: 1e9 }),
    outbox: createOutbox(client, { table, keepMs: 1e9 }),
  };
}

export interface PoolSettings {
  readonly nodes?: number;
  readonly pods?: number;
  readonly minAvailable?: number;
  readonly app?: AppOptions;
  readonly policy?: object;
}

/** Pools `workers` and `others` in one cluster, with an application whose pods are spread over their nodes. */
export async function twoPools({ ledger, outbox }: Memory, settings: PoolSettings = {}): Promise<World> {
  const { nodes = 3, pods = 2 * nodes, minAvailable = 0, app = {}, policy = {} } = settings;
  const config = (group: string) => ({ mode: "act", cluster: "main", autoScalingGroups: [group], ...policy });
  const world = new World({ workers: config("workers"), others: config("others") }, ledger, outbox);
  world.group("workers", ZONES[0] ?? "", { min: 0, max: 20, desired: nodes });
  world.group("others", ZONES[1] ?? "", { min: 0, max: 20, desired: nodes });
  await world.clock.advance(MINUTE);
  world.cluster.create(daemonSet("logs"), deployment("web", pods, app), budget("web", minAvailable));
  await world.clock.advance(10_000);
  return world;
}

export const nodesOf = (world: World, group: string): Node[] =>
  world
    .nodes()
    .filter(({ machine }) => world.autoScaling.groups.get(group).members.has(machine?.instanceId ?? ""));

export const instanceOf = ({ machine }: Node): string => machine?.instanceId ?? "";

export const orderFor = (nodePool: string, nodes: readonly Node[], plan = "plan-1") => ({
  nodePool,
  drain: nodes.map((node) => ({ node: node.name, instanceId: instanceOf(node) })),
  reason: "scale-in",
  plan,
});

/** The results of a run that did not fail. */
export async function resultsOf(world: World, event: unknown): Promise<readonly NodeResult[]> {
  const result = await world.drain(event);
  if (result instanceof Error) throw result;
  return result.nodes;
}

/** As somebody with kubectl would. */
export const patchAs = (world: World, node: Node, patch: NodePatch): Promise<Node> =>
  patchNode(inProcessApi(world.cluster, new Gate()), node.name, patch);

export const evictions = (world: World): number =>
  world.cluster.endings().filter(({ how }) => how === "evicted").length;

export const running = (world: World): number =>
  world.pods().filter(({ phase, controller }) => phase === "Running" && controller?.kind === "ReplicaSet")
    .length;
