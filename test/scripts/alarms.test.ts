import { CloudWatchClient, DescribeAlarmsCommand, type MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { newAlarms, standingAlarms } from "../../scripts/release/alarms.ts";

const cloudwatch = mockClient(CloudWatchClient);
const client = new CloudWatchClient({ region: "us-east-1" });
beforeEach(() => {
  cloudwatch.reset();
});

const TOPIC = ["arn:aws:sns:us-east-1:111122223333:reflex-prod-watch"];
const FUNCTION = ["arn:aws:lambda:us-east-1:111122223333:function:reflex-prod-reshard-streams"];
const DEPLOYED = new Date("2026-11-21T12:00:00Z");

async function standing(alarm: Partial<MetricAlarm>): Promise<boolean> {
  cloudwatch.on(DescribeAlarmsCommand, { AlarmNamePrefix: "reflex-prod-" }).resolves({
    MetricAlarms: [{ AlarmName: "one", AlarmConfigurationUpdatedTimestamp: DEPLOYED, ...alarm }],
  });
  return (await standingAlarms(client, "prod")).has("one");
}

describe("an alarm stands", () => {
  it("that is in ALARM and calls a person", async () => {
    expect(await standing({ StateValue: "ALARM", AlarmActions: TOPIC })).toBe(true);
  });

  it("not that is in ALARM and wakes an automation", async () => {
    expect(await standing({ StateValue: "ALARM", AlarmActions: FUNCTION })).toBe(false);
  });

  it("not that is OK", async () => {
    expect(await standing({ StateValue: "OK", AlarmActions: TOPIC })).toBe(false);
  });

  it("that calls at silence, when there were data and there are none any more", async () => {
    const StateTransitionedTimestamp = new Date(DEPLOYED.getTime() + 600_000);
    const silent = { StateValue: "INSUFFICIENT_DATA", InsufficientDataActions: TOPIC } as const;
    expect(await standing({ ...silent, StateTransitionedTimestamp })).toBe(true);
  });

  it("not that calls at silence and is new", async () => {
    const silent = { StateValue: "INSUFFICIENT_DATA", InsufficientDataActions: TOPIC } as const;
    expect(await standing({ ...silent, StateTransitionedTimestamp: DEPLOYED })).toBe(false);
  });

  it("not that has no data and does not call at that", async () => {
    const StateTransitionedTimestamp = new Date(DEPLOYED.getTime() + 600_000);
    expect(await standing({ StateValue: "INSUFFICIENT_DATA", StateTransitionedTimestamp })).toBe(false);
  });
});

describe("new alarms", () => {
  const looking = (...seen: readonly string[][]) => {
    let look = 0;
    return {
      standing: async () => new Set(seen[look++] ?? []),
      before: new Set(["old"]),
      looks: 3,
      pause: async () => {},
    };
  };

  it("are those that did not stand before, as soon as there are any", async () => {
    expect(await newAlarms(looking(["old"], ["old", "new"], []))).toEqual(["new"]);
  });

  it("are none after so many looks", async () => {
    expect(await newAlarms(looking([], ["old"], ["old"], ["too late"]))).toEqual([]);
  });
});
