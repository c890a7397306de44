import { expect, it } from "vitest";
import { decide } from "../../../../functions/scale-node-pools/decide/decide.ts";
import { cluster, manyPods, NOW, pool, zonal } from "../given.ts";

it("has no utilisation where pods request something and no node has capacity", () => {
  const tags = {
    "k8s.io/cluster-autoscaler/node-template/resources/cpu": "4",
    "k8s.io/cluster-autoscaler/node-template/resources/memory": "8Gi",
  };
  const { groups } = zonal([0], { groups: { tags } });
  const [decision] = decide(cluster([], manyPods(1)), [pool(groups)], NOW);
  expect(decision).toMatchObject({ to: 1, evidence: { utilisationPercent: null } });
});
