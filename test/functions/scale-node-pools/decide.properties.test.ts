import fc from "fast-check";
import { expect, test } from "vitest";
import { decide } from "../../../functions/scale-node-pools/decide/decide.ts";
import type {
  ClusterNode,
  Group,
  Pod,
  PodShape,
  Pool,
} from "../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../functions/scale-node-pools/model/decision.ts";
import type { TopologyRule } from "../../../shared/kubernetes/scheduling/topology-rule.ts";
import { cluster, MINUTE, machine, manyPods, NOW, pod, pool, shape, ZONES, zonal } from "./given.ts";

const ZONE = "topology.kubernetes.io/zone";
const selector = { matchLabels: { app: "db" }, matchExpressions: [] };
const apart: TopologyRule = {
  kind: "apart",
  key: "kubernetes.io/hostname",
  selector,
  namespaces: ["default"],
  maxSkew: 0,
};

const SHAPES: readonly PodShape[] = [
  shape({ cpu: 100, mib: 200 }),
  shape({ cpu: 500, mib: 2000 }),
  shape({ cpu: 1500, mib: 100 }),
  shape({ cpu: 300, nodeSelector: { [ZONE]: ZONES[0] } }),
  shape({ cpu: 50, labels: { app: "db" }, topology: [apart] }),
];

interface Case {
  readonly sizes: readonly number[];
  readonly maxes: readonly number[];
  /** Pods that run: on which node, and which shape. */
  readonly running: readonly (readonly [number, number])[];
  /** Pods that wait, by shape. */
  readonly waiting: readonly number[];
  readonly min: number;
  readonly max: number;
  readonly target: number;
}

const cases: fc.Arbitrary<Case> = fc.record({
  sizes: fc.array(fc.nat(4), { minLength: 3, maxLength: 3 }),
  maxes: fc.array(fc.integer({ min: 4, max: 9 }), { minLength: 3, maxLength: 3 }),
  running: fc.array(fc.tuple(fc.nat(20), fc.nat(SHAPES.length - 1)), { maxLength: 30 }),
  waiting: fc.array(fc.nat(SHAPES.length - 1), { maxLength: 30 }),
  min: fc.nat(3),
  max: fc.integer({ min: 3, max: 20 }),
  target: fc.integer({ min: 65, max: 100 }),
});

/** The pool as an observation, low for long enough to shrink. */
function given({ sizes, maxes, running, waiting, min, max, target }: Case) {
  const { nodes, groups } = zonal(sizes);
  const limited = groups.map((group, index) => ({ ...group, max: maxes[index] ?? 9 }));
  const free = new Map(nodes.map(({ name }) => [name, 2000]));
  const pods = running.flatMap(([place, kind]): Pod[] => {
    const node = nodes[place % Math.max(1, nodes.length)];
    const asked = SHAPES[kind];
    const zone = asked?.requirements.nodeSelector[ZONE];
    if (!node || !asked || (zone !== undefined && zone !== node.zone)) return [];
    const left = (free.get(node.name) ?? 0) - asked.requirements.requests.milliCpu;
    if (left < 0) return [];
    free.set(node.name, left);
    return [pod({ node: node.name, shape: asked })];
  });
  const pending = waiting.flatMap((kind) => manyPods(1, { shape: SHAPES[kind] ?? shape() }));
  const raw = {
    min,
    max,
    targetUtilisation: target,
    nodeShape: { cpu: "2", memory: "8Gi", pods: 29 },
    disruptionBudgets: [{ nodes: "100%" }],
  };
  return {
    nodes,
    pods: [...pods, ...pending],
    pool: pool(limited, raw, { status: { lowSince: NOW - 60 * MINUTE } }),
  };
}

const one = (nodes: readonly ClusterNode[], pods: readonly Pod[], of: Pool, now = NOW): Decision => {
  const [decision] = decide(cluster(nodes, pods), [of], now);
  if (!decision) throw new Error("no decision");
  return decision;
};

const total = (groups: readonly Group[]) => groups.reduce((sum, { desired }) => sum + desired, 0);

test("property: no order goes down, above a group's max or above the pool's", () => {
  fc.assert(
    fc.property(cases, (each) => {
      const { nodes, pods, pool: of } = given(each);
      const { capacityChanges } = one(nodes, pods, of);
      let added = 0;
      for (const { group, from, to } of capacityChanges) {
        expect(to).toBeGreaterThan(from);
        expect(to).toBeLessThanOrEqual(of.groups.find(({ name }) => name === group)?.max ?? 0);
        added += to - from;
      }
      if (added > 0) expect(total(of.groups) + added).toBeLessThanOrEqual(Math.max(each.min, each.max));
    }),
  );
});

test("property: a plan does not grow and shrink, and shrinks not below min", () => {
  fc.assert(
    fc.property(cases, (each) => {
      const { nodes, pods, pool: of } = given(each);
      const { capacityChanges, drain, from } = one(nodes, pods, of);
      if (drain.length === 0) return;
      expect(capacityChanges).toEqual([]);
      expect(from - drain.length).toBeGreaterThanOrEqual(Math.min(each.min, from));
    }),
  );
});

test("property: the second decision after a growth is hold, ordered or arrived", () => {
  fc.assert(
    fc.property(cases, (each) => {
      const { nodes, pods, pool: of } = given(each);
      const first = one(nodes, pods, of);
      if (first.capacityChanges.length === 0) return;
      const ordered = of.groups.map((group) => ({
        ...group,
        desired: first.capacityChanges.find((order) => order.group === group.name)?.to ?? group.desired,
      }));
      const later: Pool = { ...of, groups: ordered, lastScaleOutAt: NOW, status: first.status };
      expect(one(nodes, pods, later, NOW + MINUTE)).toMatchObject({ capacityChanges: [], drain: [] });

      const come = ordered.map((group) => ({ ...group, machines: arrivals(group) }));
      const arrived: Pool = {
        ...later,
        groups: come.map(({ machines, ...group }) => ({
          ...group,
          instances: [...group.instances, ...machines.map(({ instance }) => instance)],
        })),
      };
      const all = [...nodes, ...come.flatMap(({ machines }) => machines.map(({ node }) => node))];
      expect(one(all, pods, arrived, NOW + 2 * MINUTE)).toMatchObject({ capacityChanges: [], drain: [] });
    }),
  );
});

/** The nodes that were ordered, as they come up. */
const arrivals = ({ name, desired, instances, zones: [zone] }: Group) =>
  Array.from({ length: desired - instances.length }, (_, index) =>
    machine(`${name}-new-${index}`, { ...(zone !== undefined && { zone }), node: { createdAt: NOW } }),
  );

test("property: what is left of a pool after a plan has a place for every pod, so nothing is launched again", () => {
  fc.assert(
    fc.property(cases, (each) => {
      const { nodes, pods, pool: of } = given(each);
      const plan = one(nodes, pods, of);
      if (plan.drain.length === 0) return;
      const gone = new Set(plan.drain.map(({ node }) => node));
      const left = nodes.filter(({ name }) => !gone.has(name));
      const groups = of.groups.map((group) => {
        const instances = group.instances.filter(
          ({ id }) => !plan.drain.some(({ instanceId }) => instanceId === id),
        );
        return { ...group, instances, desired: instances.length };
      });
      // Everything that ran on them waits for a place.
      const moved = pods.map((each) =>
        each.node !== undefined && gone.has(each.node)
          ? { ...each, node: undefined, unschedulable: true }
          : each,
      );
      expect(one(left, moved, { ...of, groups, status: plan.status }, NOW + MINUTE)).toMatchObject({
        capacityChanges: [],
      });
    }),
  );
});

test("property: nothing waits while its zone has room in the pool", () => {
  fc.assert(
    fc.property(cases, (each) => {
      const { nodes, pods, pool: of } = given(each);
      const decision = one(nodes, pods, of);
      if (decision.evidence.unplacedPods === 0) return;
      const after = of.groups.map(
        (group) => decision.capacityChanges.find((order) => order.group === group.name)?.to ?? group.desired,
      );
      const poolIsFull = after.reduce((sum, size) => sum + size, 0) >= each.max;
      const aGroupIsFull = of.groups.some((group, index) => (after[index] ?? 0) >= group.max);
      expect(poolIsFull || aGroupIsFull).toBe(true);
    }),
  );
});

test("property: the order in which pods and nodes are listed does not change the decision", () => {
  fc.assert(
    fc.property(cases, (each) => {
      const { nodes, pods, pool: of } = given(each);
      const there = one(nodes, pods, of);
      const back = one([...nodes].reverse(), [...pods].reverse(), of);
      expect([back.verdict, back.to, back.capacityChanges, back.drain]).toEqual([
        there.verdict,
        there.to,
        there.capacityChanges,
        there.drain,
      ]);
    }),
  );
});
