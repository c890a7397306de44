import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { streamPolicies } from "../../../../functions/reshard-streams/config/streams.ts";
import { withSections } from "../../../../shared/config/file.ts";
import { parseSection } from "../../../../shared/config/load.ts";

function problemsIn(streams: object): readonly string[] {
  const parsed = parseSection(withSections({ streams }, "dev.yml"), "streams", streamPolicies);
  return "problems" in parsed ? parsed.problems : [];
}

describe("a stream's policy", () => {
  it.each([
    ["more min than max", { max: 2, min: 3 }, "streams.orders.min: found 3, expected at most max (2)"],
    [
      "a target so near to the point of scale-out that a scale-in would come back",
      { max: 2, targetUtilisation: 0.75, scaleOutAt: 0.8 },
      "streams.orders.targetUtilisation: found 0.75, expected at most 0.9 x scaleOutAt (0.720)",
    ],
    [
      "more minutes of scale-out than of look-back",
      { max: 2, scaleOutMinutes: 10, lookBackMinutes: 5 },
      "streams.orders.scaleOutMinutes: found 10, expected at most lookBackMinutes (5)",
    ],
    ["no max", { min: 1 }, "streams.orders.max: is missing, expected a number"],
    [
      "more than AWS's 10,000 shards",
      { max: 10_001 },
      "streams.orders.max: found 10001, expected at most 10000",
    ],
    [
      "more than a shard takes",
      { max: 2, shardCapacity: { bytesPerSecond: 2_000_000 } },
      "streams.orders.shardCapacity.bytesPerSecond: found 2000000, expected at most 1048576",
    ],
  ])("with %s is wrong", (_, policy, problem) => {
    expect(problemsIn({ orders: policy })).toEqual([`dev.yml: ${problem}`]);
  });

  it.each([
    ["cost", 0.85, 0.95],
    ["balanced", 0.8, 0.9],
    ["headroom", 0.6, 0.75],
  ])("that prefers %s has its defaults, and a key that is set goes before them", (prefer, target, out) => {
    expect(streamPolicies.parse({ orders: { max: 2, prefer } }).orders).toMatchObject({
      targetUtilisation: target,
      scaleOutAt: out,
    });
    const own = { max: 2, prefer, targetUtilisation: 0.5, scaleOutAt: 0.7 };
    expect(streamPolicies.parse({ orders: own }).orders).toMatchObject({
      targetUtilisation: 0.5,
      scaleOutAt: 0.7,
    });
  });

  it.each<[string, object, number]>([
    ["keeps 1 shard", { max: 8 }, 1],
    [
      "that prefers headroom keeps as many as a stream on demand begins with",
      { max: 8, prefer: "headroom" },
      4,
    ],
    ["keeps no more than its max", { max: 2, prefer: "headroom" }, 2],
    [
      "keeps no more than a window's max",
      { max: 8, prefer: "headroom", windows: [{ during: "Sat 11:00-13:00 UTC", max: 3 }] },
      3,
    ],
    ["keeps no more than it is created with", { max: 8, prefer: "headroom", create: { shards: 1 } }, 1],
    ["keeps what is set", { max: 8, prefer: "headroom", min: 6 }, 6],
  ])("%s: %j", (_, keys, min) => {
    expect(streamPolicies.parse({ orders: keys }).orders).toMatchObject({ min });
  });

  it.each(["cost", "balanced", "headroom"])(
    "that prefers %s has the defaults of the decision's page",
    (prefer) => {
      const page = readFileSync("docs/decisions/resharding.md", "utf8");
      const row = page
        .split("\n")
        .find((line) => line.startsWith(`| \`${prefer}\` `) && line.includes(" min "));
      const policy = streamPolicies.parse({ orders: { max: 8, prefer } }).orders;
      const percent = (share = 0) => `${100 * share} %`;
      expect(
        row
          ?.split("|")
          .slice(2, -1)
          .map((cell) => cell.trim()),
      ).toEqual([
        ...[percent(policy?.targetUtilisation), percent(policy?.scaleOutAt)],
        ...[`${policy?.lookBackMinutes} min`, `${policy?.scaleInCooldownMinutes} min`],
        ...[`${policy?.reserveForScaleOut}`, `${policy?.refusalPrice}`],
        ...[percent(policy?.keptShareOfPeak), `${policy?.min}`],
      ]);
    },
  );

  it("with a low point of scale-out alone has a target clearly below it", () => {
    const { targetUtilisation = 1 } =
      streamPolicies.parse({ orders: { max: 2, scaleOutAt: 0.5 } }).orders ?? {};
    expect(targetUtilisation).toBeLessThanOrEqual(0.45);
  });

  it("says the rules that were broken beside each other, all at once", () => {
    expect(problemsIn({ orders: { max: 2, min: 3, maks: 1, targetUtilisation: 0.9 } })).toHaveLength(3);
  });

  it.each(["orders", "orders-*", "*", "a.b_c-D9"])("may stand under the name %s", (name) => {
    expect(problemsIn({ [name]: { max: 2 } })).toEqual([]);
  });

  it.each(["or ders", "orders/eu", "x".repeat(129), ""])("may not stand under the name %j", (name) => {
    expect(problemsIn({ [name]: { max: 2 } })).toEqual([
      expect.stringContaining(`dev.yml: streams.${name}: the name is not allowed`),
    ]);
  });
});
