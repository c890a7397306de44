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

const orderOf = (instanceId: string) => ({
  ...{ nodePool: "w", drain: [{ node: "n", instanceId }], reason: "scale-in", plan: "p" },
});

/** A record of an SNS event with the message. */
const bySns = (message: unknown) => ({
  EventSource: "aws:sns",
  Sns: { Message: JSON.stringify(message), Timestamp: "2026-03-01T12:00:00.000Z" },
});

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
    [
      "nothing",
      undefined,
      /is no trigger Reflex knows \(a undefined\).*scale-node-pools, an EventBridge schedule, and \{ "nodePool"/,
    ],
    ["null", null, /is no trigger Reflex knows \(a null\)/],
    [
      "an order for another thing than an instance",
      orderOf("x i-0"),
      /^the order to drain nodes .*instanceId/,
    ],
    ["an order for more than an instance", orderOf("i-0 and"), /instanceId/],
    ["an order with another reason", { nodePool: "w", drain: [], reason: "whim", plan: "p" }, /reason/],
    [
      "an order without an instance",
      { nodePool: "w", drain: [{ node: "n" }], reason: "scale-in", plan: "p" },
      /instanceId/,
    ],
    [
      "a hook without its token",
      { ...Object(sample("lifecycle-hook")), detail: { AutoScalingGroupName: "g" } },
      /^the lifecycle action is .*LifecycleActionToken/,
    ],
    ["a hook without its time", { ...Object(sample("lifecycle-hook")), time: undefined }, /time/],
    [
      "a hook by SNS without its token",
      { Records: [bySns({ AutoScalingGroupName: "g", LifecycleTransition: "t" })] },
      /^the lifecycle action by SNS .*LifecycleActionToken/,
    ],
    ["SNS messages about something else", { Records: [bySns({ hello: 1 })] }, /record 0 of the SNS event/],
    [
      "Auto Scaling's messages from elsewhere",
      { Records: [{ ...bySns({ AutoScalingGroupName: "g" }), EventSource: "aws:s3" }] },
      /is no trigger Reflex knows/,
    ],
    [
      "an SNS message without its time",
      { Records: [{ EventSource: "aws:sns", Sns: { Message: '{"AutoScalingGroupName":"g"}' } }] },
      /the message in record 0/,
    ],
    [
      "a Spot warning without its instance",
      { ...Object(sample("spot-interruption")), detail: {} },
      /^the Spot interruption warning .*instance-id/,
    ],
    [
      "a Spot warning of an unreadable time",
      { ...Object(sample("spot-interruption")), time: "soon" },
      /^the Spot interruption warning has the time "soon"/,
    ],
    [
      "a rebalance recommendation without its instance",
      { ...Object(sample("rebalance-recommendation")), detail: {} },
      /^the rebalance recommendation .*instance-id/,
    ],
    [
      "a rebalance recommendation without its time",
      { ...Object(sample("rebalance-recommendation")), time: undefined },
      /^the rebalance recommendation is not of the documented form \(time/,
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

  it.each([
    [
      { LifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING" },
      "hook drain of group g is for autoscaling:EC2_INSTANCE_LAUNCHING: no node goes",
    ],
    [
      { Event: "autoscaling:EC2_INSTANCE_LAUNCH" },
      'the Auto Scaling notification "autoscaling:EC2_INSTANCE_LAUNCH" holds no termination',
    ],
  ])("knows Auto Scaling's message %j, about which nothing is done", (message, why) => {
    const action = { LifecycleHookName: "drain", LifecycleActionToken: "t", EC2InstanceId: "i-0" };
    const record = bySns({ AutoScalingGroupName: "g", ...action, ...message });
    expect(decodeDrainTriggers({ Records: [record] })).toEqual([{ kind: "nothing", why }]);
  });

  it.each([
    [{ b: 1, c: 2 }, "b, c"],
    ["text", "none"],
    [null, "none"],
    [7, "none"],
  ])("says what the message %j is when it stands beside one that is readable", (message, keys) => {
    const [, unreadable] = decodeDrainTriggers({
      Records: [...Object(sample("lifecycle-hook-by-sns")).Records, bySns(message)],
    });
    expect(unreadable).toMatchObject({
      kind: "unreadable",
      failure: { message: `one of the SNS messages is no Auto Scaling notification (keys: ${keys})` },
    });
  });
});
