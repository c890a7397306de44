import { expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type { Group } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { failedLaunchOf } from "../../../../../functions/scale-node-pools/observe/launches/failed-launch.ts";
import { cluster, MINUTE, manyPods, NOW, pool, zonal } from "../../given.ts";

/** Words of AWS. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-capacity.html */
const NO_TYPE =
  "We currently do not have sufficient m5.large capacity in the Availability Zone you requested (us-east-1a).";
const NO_SPOT =
  "We do not have sufficient Spot capacity that matches your request. Launching EC2 instance failed.";
const QUOTA =
  "You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket that the specified instance type belongs to.";

/** Pools by name; of each group what AWS said a minute ago, or the group's maximum that it is at. */
function warnings(pools: Readonly<Record<string, readonly (string | { readonly max: number })[]>>) {
  const made = Object.entries(pools).map(([name, zones]) => {
    const { nodes, groups } = zonal(zones.map(() => 1));
    const renamed = groups.map(({ name: group, ...rest }, at): Group => {
      const said = zones[at];
      return {
        ...rest,
        name: group.replace("workers", name),
        ...(typeof said === "string"
          ? { desired: 2, failedLaunch: failedLaunchOf(NOW - MINUTE, said) }
          : { max: said?.max ?? 0 }),
      };
    });
    return { nodes, pool: { ...pool(renamed), name } };
  });
  const decisions = decide(
    cluster(
      made.flatMap(({ nodes }) => nodes),
      manyPods(60),
    ),
    made.map((one) => one.pool),
    NOW,
  );
  return decisions.map(({ warnings }) => warnings.find(({ code }) => code === "cannot-scale-out"));
}

test.each([
  [
    "two zones of three without capacity, and the third group is at its maximum",
    [NO_TYPE, NO_TYPE, { max: 1 }],
    "AWS has no m5.large in us-east-1a, us-east-1b (next try 12:14 UTC), and workers-c is at its maximum of 1",
  ],
  [
    "no Spot capacity of any type",
    [NO_SPOT, NO_SPOT],
    "AWS launches no nodes in us-east-1a, us-east-1b (next try 12:14 UTC)",
  ],
  ["a quota is in the way", [QUOTA], "AWS launches no nodes in us-east-1a (next try 12:14 UTC)"],
])("says what is short in a subject: %s", (_, zones, inShort) => {
  expect(warnings({ workers: zones })[0]?.inShort).toBe(inShort);
});

test("has AWS's own words in the text, whatever they are", () => {
  expect(warnings({ workers: [QUOTA] })[0]?.text).toContain(QUOTA);
});

test("of several pools each says its own", () => {
  const [workers, spot] = warnings({ workers: [NO_TYPE], spot: [NO_SPOT] });
  expect([workers?.about, workers?.inShort]).toEqual(["workers", expect.stringContaining("no m5.large")]);
  expect([spot?.about, spot?.inShort]).toEqual(["spot", expect.stringContaining("launches no nodes")]);
});
