import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { drainedInstances } from "../../../../functions/drain-nodes/termination-policy/drained-instances.ts";
import { daemonSet, deployment } from "../../../../sandbox/fixtures/seeds.ts";
import { markPatch } from "../../../../shared/kubernetes/drain-mark.ts";
import { patchNode } from "../../../../shared/kubernetes/node.ts";
import { Misconfigured } from "../../../../shared/lambda/errors.ts";
import type { Ledger } from "../../../../shared/ledger/ledger.ts";
import type { Outbox } from "../../../../shared/ledger/outbox.ts";
import { Gate } from "../../../node-pools/gate.ts";
import { aRun } from "../../../node-pools/run.ts";
import { MINUTE, World, ZONES } from "../../../node-pools/world.ts";
import { aMark } from "../given.ts";

let world: World;

beforeEach(async () => {
  world = new World(
    { workers: { cluster: "main", autoScalingGroups: ["workers"] } },
    {} as Ledger,
    {} as Outbox,
  );
  world.group("workers", ZONES[0] ?? "", { min: 0, max: 5, desired: 3 });
  world.group("others", ZONES[0] ?? "", { min: 0, max: 5, desired: 0 });
  await world.clock.advance(MINUTE);
  world.cluster.create(daemonSet("logs"), deployment("web", 3));
  await world.clock.advance(MINUTE);
});
afterEach(() => world.stop());

const instances = () => world.nodes().map(({ machine }) => machine?.instanceId ?? "");

const ask = (cause: string, group = "workers") => {
  const question = {
    AutoScalingGroupName: group,
    Instances: instances().map((InstanceId) => ({ InstanceId, AvailabilityZone: ZONES[0] })),
    CapacityToTerminate: [{ AvailabilityZone: ZONES[0], Capacity: 1, InstanceMarketOption: "on-demand" }],
    Cause: cause,
  };
  return drainedInstances(question, aRun("termination-policy", world.clock), world.clients(new Gate()));
};

/** Marks the first node as drain-nodes does; empties it when asked to. */
async function drainFirst(isEmpty: boolean): Promise<string> {
  const [node] = world.nodes();
  if (!node) return expect.unreachable("no node");
  const api = await world.clients(new Gate()).clusters();
  await patchNode(api, node.name, markPatch(node, aMark({ instanceId: node.machine?.instanceId ?? "" })));
  const { store } = world.cluster.state;
  if (isEmpty) {
    for (const { namespace, name } of world
      .pods()
      .filter((pod) => pod.nodeName === node.name && pod.labels.app === "web")) {
      store.remove("pods", namespace, name);
    }
  }
  return node.machine?.instanceId ?? "";
}

describe("the termination policy", () => {
  it.each(["SCALE_IN", "REBALANCE"])("gives none of the instances that run pods for %s", async (cause) => {
    expect(await ask(cause)).toEqual({ InstanceIDs: [] });
  });

  it.each(["SCALE_IN", "REBALANCE"])("gives the one that is drained for %s", async (cause) => {
    const drained = await drainFirst(true);
    expect(await ask(cause)).toEqual({ InstanceIDs: [drained] });
  });

  it("does not give one that is still being drained", async () => {
    await drainFirst(false);
    expect(await ask("SCALE_IN")).toEqual({ InstanceIDs: [] });
  });

  it.each(["INSTANCE_REFRESH", "MAX_INSTANCE_LIFETIME"])(
    "vetoes nothing for %s: the hook drains those",
    async (cause) => {
      expect(await ask(cause)).toEqual({ InstanceIDs: instances() });
    },
  );

  it("says that it does not know a group, and gives none of its instances", async () => {
    await expect(ask("SCALE_IN", "others")).rejects.toThrow(Misconfigured);
    await expect(ask("SCALE_IN", "others")).rejects.toThrow(/group others .* is in no node pool/);
  });
});
