import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodesNeeded } from "../../../../../functions/scale-node-pools/decide/capacity/nodes-needed.ts";
import { add, NOTHING, within } from "../../../../../functions/scale-node-pools/decide/capacity/totals.ts";
import type { Resources } from "../../../../../shared/kubernetes/resources.ts";
import { GIB } from "../../given.ts";

const NODE: Resources = { milliCpu: 2000, memory: 8 * GIB, pods: 29 };

const load = (milliCpu: number, memory = 0, pods = 0) => add(NOTHING, { milliCpu, memory, pods });

describe("the smallest number of nodes", () => {
  test("is not one more when the nodes are exactly at the target", () => {
    expect(nodesNeeded(load(7 * 1400), [], NODE, 70)).toBe(7);
  });

  test("is one more when a thousandth of a core is above the target", () => {
    expect(nodesNeeded(load(7 * 1400 + 1), [], NODE, 70)).toBe(8);
  });

  test("follows the resource that needs most", () => {
    expect(nodesNeeded(load(100, 100 * GIB, 1), [], NODE, 100)).toBe(13);
    expect(nodesNeeded(load(100, GIB, 59), [], NODE, 100)).toBe(3);
  });

  test("is exact where the products go beyond 2^53", () => {
    const node = { milliCpu: 448_000, memory: 24 * 2 ** 40, pods: 737 };
    const memory = 1_000 * node.memory;
    expect(nodesNeeded(load(0, memory), [], node, 100)).toBe(1_000);
    expect(nodesNeeded(add(load(0, memory), { milliCpu: 0, memory: 1, pods: 0 }), [], node, 100)).toBe(1_001);
  });

  test("takes the largest of the present nodes first, and new ones for the rest", () => {
    const small = { milliCpu: 1000, memory: 4 * GIB, pods: 29 };
    expect(nodesNeeded(load(2000), [small, NODE, small], NODE, 100)).toBe(1);
    expect(nodesNeeded(load(2500), [small, NODE], NODE, 100)).toBe(2);
    expect(nodesNeeded(load(7000), [small, NODE], NODE, 100)).toBe(4);
  });

  test("takes those with more memory first, and then those for more pods, where they have as much CPU", () => {
    const [more, pods] = [
      { ...NODE, memory: 16 * GIB },
      { ...NODE, pods: 58 },
    ];
    expect(nodesNeeded(load(0, 16 * GIB), [NODE, more, NODE], NODE, 100)).toBe(1);
    expect(nodesNeeded(load(0, 0, 58), [NODE, pods, NODE], NODE, 100)).toBe(1);
    expect(nodesNeeded(load(0, 16 * GIB), [pods, more], NODE, 100)).toBe(1);
  });

  test("does not ask a new node for what there is enough of", () => {
    const each = { milliCpu: 2000, memory: 0, pods: 29 };
    expect(nodesNeeded(load(3000, 8 * GIB), [NODE], each, 100)).toBe(2);
    expect(nodesNeeded(load(3000, GIB), [NODE], each, 100)).toBe(2);
  });

  test("is zero without load", () => {
    expect(nodesNeeded(NOTHING, [NODE], NODE, 70)).toBe(0);
  });

  test("is not known when new nodes are needed and offer nothing", () => {
    expect(nodesNeeded(load(100), [], { milliCpu: 0, memory: GIB, pods: 10 }, 70)).toBeUndefined();
    expect(nodesNeeded(load(100), [], undefined, 70)).toBeUndefined();
  });
});

const amounts = fc.record({
  milliCpu: fc.nat(1_000_000),
  memory: fc.nat(2 ** 31),
  pods: fc.nat(30_000),
});
const nodes = fc.record({
  milliCpu: fc.integer({ min: 1, max: 64_000 }),
  memory: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  pods: fc.integer({ min: 1, max: 250 }),
});

test("property: so many nodes keep the target, and one fewer would not", () => {
  fc.assert(
    fc.property(amounts, nodes, fc.integer({ min: 1, max: 100 }), (asked, node, target) => {
      const total = add(NOTHING, asked);
      const need = nodesNeeded(total, [], node, target) ?? Number.NaN;
      const capacity = (count: number) => ({
        milliCpu: BigInt(node.milliCpu) * BigInt(count),
        memory: BigInt(node.memory) * BigInt(count),
        pods: BigInt(node.pods) * BigInt(count),
      });
      expect(within(total, capacity(need), target)).toBe(true);
      if (need > 0) expect(within(total, capacity(need - 1), target)).toBe(false);
    }),
  );
});

test("property: more load never needs fewer nodes", () => {
  fc.assert(
    fc.property(amounts, amounts, fc.array(nodes, { maxLength: 5 }), nodes, (some, more, present, node) => {
      const less = nodesNeeded(add(NOTHING, some), present, node, 70) ?? 0;
      const all = nodesNeeded(add(add(NOTHING, some), more), present, node, 70) ?? 0;
      expect(all).toBeGreaterThanOrEqual(less);
    }),
  );
});
