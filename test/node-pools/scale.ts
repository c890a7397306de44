import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { PodEvents } from "../../functions/scale-node-pools/act/pod-events.ts";
import type { NodeRef } from "../../functions/scale-node-pools/model/decision.ts";
import type { PoolStatus } from "../../functions/scale-node-pools/model/pool-status.ts";
import { createLaunchTypes } from "../../functions/scale-node-pools/observe/launches/launch-types.ts";
import { createSpotPrices } from "../../functions/scale-node-pools/observe/launches/spot-prices.ts";
import type { Dependencies } from "../../functions/scale-node-pools/run/dependencies.ts";
import { type Result, scaleNodePools } from "../../functions/scale-node-pools/scale-node-pools.ts";
import type { RequestStore } from "../../shared/approvals/store.ts";
import { createSpotFleets } from "../../shared/node-pools/spot-fleets.ts";
import { MemoryRequests } from "../shared/approvals/memory-requests.ts";
import { Gate } from "./gate.ts";
import { aRun } from "./run.ts";
import { TICK, type World } from "./world.ts";

/** What scale-node-pools keeps and hands over, in memory. */
export class Scaler {
  readonly #world: World;
  readonly #cloudwatch = new CloudWatch({ region: "us-east-1" });
  readonly #memories = new Map<string, PoolStatus>();
  readonly #podEvents = new PodEvents();
  /** Orders for drain-nodes, in order. */
  readonly orders: unknown[] = [];

  readonly #requests: RequestStore;

  /** @param requests what people are asked, in the ledger's table where a run is to find it again */
  constructor(world: World, requests: RequestStore = new MemoryRequests()) {
    this.#world = world;
    this.#requests = requests;
  }

  deps(gate: Gate): Dependencies {
    const clients = this.#world.clients(gate);
    return {
      ...clients,
      cloudwatch: async () => this.#cloudwatch,
      deployStage: "test",
      requests: this.#requests,
      launchTypes: async () => createLaunchTypes(clients.ec2),
      spotPrices: async () => createSpotPrices(createLaunchTypes(clients.ec2), clients.ec2),
      podEvents: this.#podEvents,
      spotFleets: async () => createSpotFleets(clients.ec2),
      poolStatuses: {
        read: async (resource) => gate.pass("dynamodb:GetItem", () => this.#memories.get(resource) ?? {}),
        write: async (resource, memory) =>
          gate.pass("dynamodb:PutItem", () => void this.#memories.set(resource, memory)),
      },
      requestDrain: async (nodePool, drain: readonly NodeRef[], plan) =>
        gate.pass(
          "lambda:Invoke",
          () => void this.orders.push({ nodePool, drain, reason: "scale-in", plan }),
        ),
    };
  }

  /** One run of scale-node-pools. Answers its result, or what it failed with. */
  async run(event: unknown = TICK, gate = new Gate()): Promise<Result | Error> {
    try {
      return await scaleNodePools(event, aRun("scale-node-pools", this.#world.clock), this.deps(gate));
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /** @returns orders that came since the last call */
  takeOrders(): unknown[] {
    return this.orders.splice(0);
  }
}
