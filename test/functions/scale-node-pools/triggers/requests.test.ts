import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { poolsToObserve, requestsFrom } from "../../../../functions/scale-node-pools/triggers/requests.ts";
import { Misconfigured } from "../../../../shared/lambda/errors.ts";
import { nodePools } from "../../../../shared/node-pools/policy.ts";
import { decodeTriggers } from "../../../../shared/triggers/decode.ts";

const POOLS = nodePools.parse({
  workers: { cluster: "main", autoScalingGroups: ["workers"] },
  batch: { cluster: "main", autoScalingGroups: ["batch"] },
  edge: { managedNodeGroup: { cluster: "edge", name: "edge" } },
  legacy: { containerInsights: "legacy", autoScalingGroups: ["legacy"] },
});

const sample = (name: string): unknown =>
  JSON.parse(readFileSync(`events/scale-node-pools-${name}.json`, "utf8"));
const NOW = Date.parse("2026-11-28T12:00:00Z");
const wanted = (name: string) => requestsFrom(decodeTriggers(sample(name)), POOLS, NOW);
const ALL = (by: string) => Object.keys(POOLS).map((pool) => [pool, by]);

/** Every sample event, and the pools it wakes. */
const SAMPLES: Readonly<Record<string, readonly (readonly string[])[]>> = {
  schedule: ALL("schedule"),
  "alarm-direct": ALL("alarm reflex-dev-node-pool-workers (ALARM)"),
  "alarm-eventbridge": ALL("alarm reflex-dev-node-pool-workers (ALARM)"),
  "alarm-sns": ALL("alarm reflex-dev-node-pool-workers (ALARM)"),
  "by-hand": [["workers", "by hand"]],
};

describe("the sample event", () => {
  test.each(Object.entries(SAMPLES))("%s wakes its pools", (name, pools) => {
    expect([...wanted(name).pools].map(([pool, { text }]) => [pool, text])).toEqual(pools);
  });

  test("of an alarm has the time of the alarm, every other that of the run", () => {
    const at = (name: string) => new Set([...wanted(name).pools.values()].map((cause) => cause.at));
    expect(at("alarm-direct")).toEqual(new Set([Date.parse("2026-11-21T12:05:12.921Z")]));
    expect(at("schedule")).toEqual(new Set([NOW]));
    expect(at("by-hand")).toEqual(new Set([NOW]));
  });

  test("that is none is an error that names what was seen", () => {
    expect(() => wanted("unknown")).toThrow(Misconfigured);
    expect(() => wanted("unknown")).toThrow("EC2 Instance State-change Notification");
  });

  test("files are all of them tested here", () => {
    const files = readdirSync("events").flatMap(
      (file) => /^scale-node-pools-(.+)\.json$/.exec(file)?.[1] ?? [],
    );
    expect(files.sort()).toEqual([...Object.keys(SAMPLES), "unknown"].sort());
  });
});

test("a name that is no pool leaves the other triggers of the event alone", () => {
  const by = (name: string) => ({ kind: "manual" as const, of: "nodePool", name });
  const found = requestsFrom([by("nobody"), by("edge")], POOLS, NOW);
  expect([...found.pools.keys()]).toEqual(["edge"]);
  expect(found.failures.map(({ message }) => message)).toEqual([
    expect.stringContaining("one of: workers, batch, edge, legacy"),
  ]);
});

test("a person who only asks is answered for that pool alone", () => {
  const by = (name: string) => ({ kind: "manual" as const, of: "nodePool", name });
  const found = requestsFrom([by("edge"), { ...by("batch"), mode: "observe" }], POOLS, NOW);
  expect(found).toEqual({
    pools: new Map([
      ["edge", { text: "by hand", at: NOW }],
      ["batch", { text: "by hand", at: NOW }],
    ]),
    dryRun: new Set(["batch"]),
    ...{ ignored: [], failures: [] },
  });
});

test("what is asked for by more than the tick keeps what asked for it", () => {
  const tick = { kind: "schedule" as const, at: 0, rule: "arn" };
  const found = requestsFrom([{ kind: "manual", of: "nodePool", name: "edge" }, tick], POOLS, NOW);
  expect(found.pools.get("edge")?.text).toBe("by hand");
  expect(found.pools.get("batch")?.text).toBe("schedule");
});

test("another thing of a pool's name is no pool, also where there is none", () => {
  const [failure] = requestsFrom([{ kind: "manual", of: "stream", name: "edge" }], POOLS, NOW).failures;
  expect(failure?.message).toContain('found { "stream": "edge" }');
  const [none] = requestsFrom(
    [{ kind: "manual", of: "nodePool", name: "edge" }],
    nodePools.parse({}),
    NOW,
  ).failures;
  expect(none?.message).toContain("one of: none; nothing was looked at");
});

test("what asks for nothing says why, what cannot be read is a failure", () => {
  const failure = new Misconfigured("record 0 is not JSON");
  expect(
    requestsFrom(
      [
        { kind: "nothing", why: "it is muted" },
        { kind: "unreadable", failure },
      ],
      POOLS,
      NOW,
    ),
  ).toEqual({
    ...{ pools: new Map(), dryRun: new Set(), ignored: ["it is muted"], failures: [failure] },
  });
});

describe("looked at are", () => {
  const lookedAt = (...names: string[]) =>
    poolsToObserve(new Map(names.map((name) => [name, "by hand"])), POOLS);

  test("the pools that share a cluster with a wanted one, in the config's order", () => {
    expect(lookedAt("batch")).toEqual(["workers", "batch"]);
  });

  test("pools known by metrics, of which none shares a cluster with another, only when asked for", () => {
    const both = nodePools.parse({
      a: { containerInsights: "x", autoScalingGroups: ["a"] },
      b: { containerInsights: "x", autoScalingGroups: ["b"] },
    });
    expect(poolsToObserve(new Map([["a", "by hand"]]), both)).toEqual(["a"]);
  });

  test("no pool of another cluster, and none that is known by metrics", () => {
    expect(lookedAt("edge")).toEqual(["edge"]);
    expect(lookedAt("legacy")).toEqual(["legacy"]);
  });
});
