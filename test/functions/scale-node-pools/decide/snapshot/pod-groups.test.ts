import { describe, expect, test } from "vitest";
import {
  groupByShape,
  inPlacementOrder,
} from "../../../../../functions/scale-node-pools/decide/snapshot/pod-groups.ts";
import type { Pod } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { shape } from "../../given.ts";
import { pods, term, topology, ZONE } from "../scenarios/given.ts";

const one = (name: string, over: Parameters<typeof shape>[0]): Pod[] => pods(1, { shape: shape(over) }, name);
const small = { cpu: 100, mib: 1 };

/** The names in the order in which their pods are placed, however they are listed. */
function order(...named: readonly Pod[][]): string[] {
  const names = (listed: readonly Pod[][]) =>
    inPlacementOrder(listed.flat()).map(({ id }) => id.replace(/^default\/|-1$/g, ""));
  const [first, other] = [names(named), names(named.toReversed())];
  expect(other).toEqual(first);
  return first;
}

describe("a pod is placed before", () => {
  const large = one("large", { cpu: 2000 });

  test.each([
    ["a label of its node", { ...small, nodeSelector: { disk: "ssd" } }],
    ["a required affinity", { ...small, nodeSelectors: [[term(ZONE, "us-east-1a")]] }],
    ["a rule about other pods", { ...small, topology: [topology("apart", ZONE)] }],
  ])("a larger one when it asks for %s", (_, over) => {
    expect(order(one("bound", over), large)).toEqual(["bound", "large"]);
  });

  test("one that asks for less of these together", () => {
    const two = one("two", { ...small, nodeSelector: { disk: "ssd" }, topology: [topology("apart", ZONE)] });
    const three = one("three", {
      ...small,
      nodeSelector: { disk: "ssd" },
      nodeSelectors: [[term(ZONE, "us-east-1a")]],
      topology: [topology("apart", ZONE)],
    });
    expect(order(two, three)).toEqual(["three", "two"]);
  });

  test("a smaller one, where 4 MiB of memory weigh as much as a thousandth of a core", () => {
    const core = one("core", { cpu: 1000, mib: 1 });
    expect(order(core, one("less", { cpu: 1, mib: 3999 }))).toEqual(["core", "less"]);
    expect(order(core, one("more", { cpu: 1, mib: 4001 }))).toEqual(["more", "core"]);
  });

  test("one that weighs as much and comes later by name", () => {
    const labelled = (name: string) => one(name, { ...small, labels: { app: name } });
    expect(order(labelled("b"), labelled("c"), labelled("a"))).toEqual(["a", "b", "c"]);
  });
});

test("pods of one shape are placed together, by the first of their names", () => {
  const named = (app: string, ...names: readonly string[]) =>
    names.flatMap((name) => one(name, { ...small, labels: { app } }));
  const [y, x] = [named("y", "z", "a", "k"), named("x", "m", "b", "c")];
  for (const listed of [
    [...x, ...y],
    [...y, ...x],
  ]) {
    expect(groupByShape(listed).map(({ shape, pods }) => [shape.labels.app, pods])).toEqual([
      ["y", y],
      ["x", x],
    ]);
  }
});
