import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeDrainTriggers } from "../../../../functions/drain-nodes/triggers/decode.ts";
import { Misconfigured } from "../../../../shared/lambda/errors.ts";

const sample = (name: string): unknown => JSON.parse(readFileSync(`events/drain-nodes-${name}.json`, "utf8"));
const at = Date.UTC(2026, 2, 1, 12, 0, 0);

/** Every sample event, and what it decodes to. */
const SAMPLES: Readonly<Record<string, unknown>> = {
  order: [
    {
      kind: "order",
      nodePool: "workers",
      plan: "workers-2026-03-01T12:00:00Z",
      nodes: [{ node: "ip-10-0-1-17.ec2.internal", instanceId: "i-0123456789abcdef0" }],
    },
  ],
  "lifecycle-hook": [
    {
      kind: "lifecycle-hook",
      group: "workers-a",
      hook: "drain",
      token: "87654321-4321-4321-4321-210987654321",
      instanceId: "i-0123456789abcdef0",
      toWarmPool: false,
      at,
    },
  ],
  "lifecycle-hook-to-warm-pool": [expect.objectContaining({ kind: "lifecycle-hook", toWarmPool: true })],
  "lifecycle-hook-launch": [
    { kind: "nothing", why: expect.stringContaining("Instance-launch Lifecycle Action") },
  ],
  "lifecycle-hook-by-sns": [expect.objectContaining({ kind: "lifecycle-hook", group: "workers-a", at })],
  "test-notification": [{ kind: "nothing", why: "group workers-a tests its notifications" }],
  "spot-interruption": [{ kind: "spot-interruption", instanceId: "i-0123456789abcdef0", at }],
  "rebalance-recommendation": [{ kind: "rebalance-recommendation", instanceId: "i-0123456789abcdef0", at }],
  schedule: [expect.objectContaining({ kind: "schedule", at })],
  "by-hand": [{ kind: "manual", of: "nodePool", name: "workers" }],
};

describe("the triggers of drain-nodes", () => {
  it.each(Object.entries(SAMPLES))("decode the sample event %s", (name, expected) => {
    expect(decodeDrainTriggers(sample(name))).toEqual(expected);
  });

  it("has a sample for every file, and a file for every sample", () => {
    const files = readdirSync("events").flatMap((file) => /^drain-nodes-(.+)\.json$/.exec(file)?.[1] ?? []);
    expect(files.filter((name) => name !== "unknown").toSorted()).toEqual(Object.keys(SAMPLES).toSorted());
  });

  it.each([
    [
      "an event of no known shape",
      sample("unknown"),
      /is no trigger Reflex knows .* Known are a lifecycle hook/,
    ],
    ["nothing", undefined, /is no trigger Reflex knows \(a undefined\)/],
    ["an order with another reason", { nodePool: "w", drain: [], reason: "whim", plan: "p" }, /reason/],
    [
      "an order without an instance",
      { nodePool: "w", drain: [{ node: "n" }], reason: "scale-in", plan: "p" },
      /instanceId/,
    ],
    [
      "a hook without its token",
      { ...Object(sample("lifecycle-hook")), detail: { AutoScalingGroupName: "g" } },
      /LifecycleActionToken/,
    ],
    [
      "a Spot warning without its instance",
      { ...Object(sample("spot-interruption")), detail: {} },
      /instance-id/,
    ],
  ])("refuses %s, naming what was seen", (_, event, message) => {
    expect(() => decodeDrainTriggers(event)).toThrow(Misconfigured);
    expect(() => decodeDrainTriggers(event)).toThrow(message);
  });

  it("sends an alarm to the automation it is for", () => {
    const alarm = JSON.parse(readFileSync("events/reshard-streams-alarm-direct.json", "utf8"));
    expect(() => decodeDrainTriggers(alarm)).toThrow(/point it at scale-node-pools/);
  });

  it("handles the readable message beside one that is not", () => {
    const [record] = Object(sample("lifecycle-hook-by-sns")).Records;
    const unreadable = { ...record, Sns: { ...record.Sns, Message: "hello" } };
    const kinds = decodeDrainTriggers({ Records: [record, unreadable] }).map(({ kind }) => kind);
    expect(kinds).toEqual(["lifecycle-hook", "unreadable"]);
  });
});
