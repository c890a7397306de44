import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isDraining } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { Gate } from "../../node-pools/gate.ts";
import { MINUTE, TICK, type World } from "../../node-pools/world.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import {
  instanceOf,
  newMemory,
  nodesOf,
  orderFor,
  type PoolSettings,
  resultsOf,
  twoPools,
} from "./a-pool.ts";

let db: LedgerTable;
let world: World;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterEach(() => world.stop());
afterAll(() => db.stop());

/** Four nodes whose pods stay as long as the test: no drain ends by itself. */
const given = async (policy: object, more: PoolSettings = {}): Promise<readonly Node[]> => {
  world = await twoPools(await newMemory(db), { nodes: 4, pods: 8, minAvailable: 8, policy, ...more });
  return nodesOf(world, "workers");
};
const draining = (): number => world.nodes().filter(isDraining).length;
const size = (): number => world.autoScaling.groups.get("workers").desired;

describe("an order is admitted", () => {
  it.each([
    ["min", { min: 3, disruptionBudgets: [{ nodes: 9 }] }, "pool-at-min"],
    [
      "a time window's min",
      { windows: [{ during: "Mon-Sun 00:00-24:00 UTC", min: 3 }], disruptionBudgets: [{ nodes: 9 }] },
      "pool-at-min",
    ],
    ["disruption budget", { disruptionBudgets: [{ nodes: 1 }] }, "disruption-budget"],
  ])("as far as the pool's %s holds, with the nodes that are being drained", async (_, policy, code) => {
    const [one, other, third] = await given(policy);
    if (!one || !other || !third) return expect.unreachable("no nodes");
    expect(await resultsOf(world, orderFor("workers", [one, other]))).toMatchObject([
      { node: other.name, outcome: "refused", reason: { code } },
      { node: one.name, outcome: "draining" },
    ]);
    expect(await resultsOf(world, orderFor("workers", [third]))).toMatchObject([
      { outcome: "refused", reason: { code } },
    ]);
    expect(draining()).toBe(1);
    expect(world.notifications).toEqual([]);
  });

  it.each(["min", "disruption budget"])(
    "once, when two runs find room for a node within the %s at the same moment",
    async (rule) => {
      const policy = rule === "min" ? { min: 3, disruptionBudgets: [{ nodes: 9 }] } : {};
      const nodes = await given(policy);
      const ticks = () => 1;
      await Promise.all(
        nodes.map((node) => world.drain(orderFor("workers", [node]), new Gate(undefined, ticks))),
      );
      expect(draining()).toBe(1);
    },
  );

  it("beside no node that is replaced on AWS's recommendation", async () => {
    const [one, other] = await given({ disruptionBudgets: [{ nodes: 1 }], joinWithin: "1m" });
    if (!one || !other) return expect.unreachable("no nodes");
    world.machines.recommendRebalance(instanceOf(one));
    await world.clock.advance(0);
    for (const event of world.takeEvents()) await world.drain(event);
    await world.clock.advance(2 * MINUTE);
    await Promise.all([
      world.drain(TICK, new Gate(undefined, () => 1)),
      world.drain(orderFor("workers", [other]), new Gate(undefined, () => 1)),
    ]);
    const [tick] = await Promise.all([resultsOf(world, TICK)]);
    const going = tick.filter(
      ({ outcome, reason: { code } }) => outcome === "draining" && code === "pods-remain",
    );
    expect(going).toHaveLength(1);
  });

  it("again once the run that died while it marked nodes holds it no longer", async () => {
    const [one, other] = await given({ disruptionBudgets: [{ nodes: 9 }] });
    if (!one || !other) return expect.unreachable("no nodes");
    const calls = new Gate();
    await world.drain(orderFor("others", nodesOf(world, "others").slice(0, 1)), calls);
    const begun = calls.calls.indexOf("dynamodb:begin");
    await world.drain(orderFor("workers", [one]), new Gate({ call: begun, kind: "crash-after" }));
    expect(await world.drain(orderFor("workers", [other]))).toMatchObject({
      later: [expect.stringContaining("no node was marked")],
    });
    await world.clock.advance(4 * MINUTE);
    expect(await resultsOf(world, orderFor("workers", [other]))).toMatchObject([{ outcome: "draining" }]);
  });
});

describe("a drained node", () => {
  it("stays when its pool has reached its min meanwhile", async () => {
    const [one] = await given({ min: 3 }, { minAvailable: 0 });
    if (!one) return expect.unreachable("no node");
    await world.drain(orderFor("workers", [one]));
    world.autoScaling.groups.setDesired("workers", 3);
    await world.clock.advance(MINUTE);
    for (let minute = 0; minute < 3; minute += 1) {
      await world.drain(TICK);
      await world.clock.advance(MINUTE);
    }
    expect(size()).toBe(3);
    expect(draining()).toBe(0);
  });
});
