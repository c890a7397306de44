import { describe, expect, it } from "vitest";
import { streamPolicies } from "../../../../functions/reshard-streams/config/streams.ts";
import { resourcesFor } from "../../../../functions/reshard-streams/deploy/resources.ts";
import { cloudWatchAt, MINUTE, START } from "../../../sandbox/cloudwatch/cloudwatch-at.ts";
import { SHARD_MINUTE } from "../stream.ts";

const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:reshard";

/** What happens in one minute, by its number. */
interface Traffic {
  /** In shards' worth of bytes and records; undefined is a minute without a datapoint. */
  readonly demand?: number | undefined;
  readonly refused?: number;
  /** Undefined while the function does not publish it. */
  readonly open?: number | undefined;
}

/** The alarm of a stream, on metrics that come `delaySeconds` after the end of their minute. */
async function statesOf(minutes: number, delaySeconds: number, trafficAt: (minute: number) => Traffic) {
  const { clock, cloudwatch, deliveries } = cloudWatchAt();
  const [alarm] = Object.values(resourcesFor(streamPolicies.parse({ orders: { max: 8 } }), "dev"));
  type Configuration = Parameters<typeof cloudwatch.alarms.put>[0];
  const properties: Configuration = JSON.parse(JSON.stringify(alarm?.Properties));
  cloudwatch.alarms.put({ ...properties, ActionsEnabled: true, AlarmActions: [FUNCTION] });
  const put = (namespace: string, name: string, value: number, at: number) =>
    cloudwatch.metrics.put(
      namespace,
      name,
      namespace === "Reflex"
        ? { service: "reshard-streams", StreamName: "orders" }
        : { StreamName: "orders" },
      { value },
      "Count",
      at,
    );
  const states: string[] = [];
  for (let minute = 0; minute < minutes; minute += 1) {
    const at = START + minute * MINUTE;
    const { demand, refused = 0, open = 1 } = trafficAt(minute);
    clock.at(at + MINUTE + delaySeconds * 1000, () => {
      if (demand !== undefined) {
        put("AWS/Kinesis", "IncomingBytes", demand * SHARD_MINUTE, at);
        put("AWS/Kinesis", "IncomingRecords", demand * 60_000, at);
      }
      if (demand !== undefined || refused > 0)
        put("AWS/Kinesis", "WriteProvisionedThroughputExceeded", refused, at);
    });
    if ("open" in trafficAt(minute) ? trafficAt(minute).open !== undefined : true)
      put("Reflex", "OpenShardCount", open, at);
    await clock.advance(MINUTE);
    states.push(cloudwatch.alarms.get("reflex-dev-stream-orders").state.value);
  }
  return { states, invocations: deliveries.functions.length };
}

const DELAYS_SECONDS = [30, 60, 90, 120, 150];

describe("the scale-out alarm, on metrics that come late", () => {
  it.each(DELAYS_SECONDS)(
    "by %d s fires at the first evaluation after the busy minute's datapoint, and returns to OK",
    async (delay) => {
      const { states } = await statesOf(30, delay, (minute) => ({
        demand: minute >= 10 && minute < 15 ? 0.99 : 0.3,
      }));
      // The first minutes have no datapoints at all: no data is no traffic.
      expect(states.slice(4, 10)).toEqual(Array.from({ length: 6 }, () => "OK"));
      const fired = states.indexOf("ALARM");
      // Minute 10 is busy and ends when minute 11 begins.
      expect(fired).toBe(11 + Math.ceil(delay / 60 - 5 / 60));
      expect(states.at(-1)).toBe("OK");
    },
  );

  it.each(DELAYS_SECONDS)(
    "by %d s fires on refused writes alone, with no OpenShardCount at all",
    async (delay) => {
      const { states } = await statesOf(20, delay, (minute) => ({
        ...(minute < 10 && { demand: 0.3 }),
        refused: minute >= 10 ? 5000 : 0,
        open: undefined,
      }));
      expect(states.slice(4, 10)).toEqual(Array.from({ length: 6 }, () => "OK"));
      expect(states.slice(14)).toEqual(Array.from({ length: 6 }, () => "ALARM"));
    },
  );

  it("stays in ALARM while every minute is busy, so that it invokes the function once", async () => {
    const { states, invocations } = await statesOf(40, 120, (minute) => ({
      demand: minute < 10 ? 0.3 : 0.99,
    }));
    expect(new Set(states.slice(14))).toEqual(new Set(["ALARM"]));
    expect(invocations).toBe(1);
  });

  it("stays in OK at a first deploy, when OpenShardCount was never published and nothing is refused", async () => {
    const { states, invocations } = await statesOf(20, 90, () => ({ demand: 3, open: undefined }));
    expect(states.slice(2)).toEqual(Array.from({ length: 18 }, () => "OK"));
    expect(invocations).toBe(0);
  });

  it("sees through a single late minute between two prompt ones", async () => {
    const { states } = await statesOf(20, 60, (minute) => ({ demand: minute === 10 ? 0.95 : 0.2 }));
    expect(states.filter((state) => state === "ALARM").length).toBeGreaterThanOrEqual(3);
    expect(states.at(-1)).toBe("OK");
  });
});
