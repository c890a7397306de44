import { beforeAll, describe, expect, it } from "vitest";
import { monitoringOf } from "../../scripts/stack/monitoring.ts";
import { type AlarmSpec, alarmResource, metricsOf } from "../../shared/monitoring/alarm.ts";
import { groupOverPattern, overPattern } from "../../shared/monitoring/topic.ts";
import { compilePattern } from "../../shared/triggers/event-pattern.ts";
import { cloudWatchAt, MINUTE, START } from "../sandbox/cloudwatch/cloudwatch-at.ts";
import { codeIn, configWith, INFO, STAGE, watched } from "./watched.ts";

let alarms: readonly AlarmSpec[] = [];
beforeAll(async () => {
  ({ alarms } = await watched());
});

const alarmOf = (name: string): AlarmSpec =>
  alarms.find((alarm) => alarm.name === name) ?? expect.unreachable(`there is no alarm ${name}`);

const TOPIC = "arn:aws:sns:us-east-1:000000000000:reflex-test-watch";

/** One of the alarms in a CloudWatch of its own, fed by one of its metrics, and what it says on its topic. */
async function listening(name: string, metricAt = 0) {
  const alarm = alarmOf(name);
  const { clock, cloudwatch, deliveries } = cloudWatchAt();
  const [id, { Properties }] = alarmResource(alarm, STAGE);
  const resolved = JSON.parse(JSON.stringify(Properties).replaceAll('{"Ref":"WatchTopic"}', `"${TOPIC}"`));
  await cloudwatch.resources?.["AWS::CloudWatch::Alarm"]?.(id, resolved);
  const metric = metricsOf(alarm)[metricAt] ?? expect.unreachable("it watches no such metric");
  return {
    /** So many minutes go by, in each of which this value is there, or none. */
    async minutes(count: number, value?: number) {
      for (let minute = 0; minute < count; minute++) {
        if (value !== undefined) {
          cloudwatch.metrics.put(
            metric.namespace,
            metric.name,
            metric.dimensions,
            { value },
            "None",
            clock.now(),
          );
        }
        await clock.advance(MINUTE);
      }
    },
    /** One value in this minute. */
    put(
      metricName: string,
      dimensions: Readonly<Record<string, string>>,
      value: number,
      namespace = "Reflex",
    ) {
      cloudwatch.metrics.put(namespace, metricName, dimensions, { value }, "None", clock.now());
    },
    /** What it said of each group, with the minute since the start. */
    contributors: () => {
      const minute = (time: string) => Math.floor((Date.parse(time.replace("+0000", "Z")) - START) / MINUTE);
      const isOver = compilePattern(groupOverPattern(STAGE));
      const acted = deliveries.topics.flatMap(({ message }) => {
        const said = JSON.parse(message.message);
        const of = said.AlarmContributorAttributes;
        return of ? [`${said.NewStateValue} ${of.Resource} ${minute(said.StateChangeTime)}`] : [];
      });
      const over = deliveries.events
        .filter((event) => isOver(event))
        .map(
          ({ time, detail }) => `OK ${Object(detail).alarmContributor.attributes.Resource} ${minute(time)}`,
        );
      return [...acted, ...over];
    },
    /** What its actions and the rule that says that it is over bring to the topic, in order. */
    heard: () => {
      const acted = deliveries.topics.map(({ arn, message }) => {
        expect(arn).toBe(TOPIC);
        const { NewStateValue: state, StateChangeTime: time } = JSON.parse(message.message);
        return { state, at: Date.parse(time.replace("+0000", "Z")) };
      });
      const isOver = compilePattern(overPattern(STAGE));
      const over = deliveries.events
        .filter((event) => isOver(event))
        .map(({ time }) => ({ state: "OK", at: Date.parse(time) }));
      return [...acted, ...over].toSorted((a, b) => a.at - b.at).map(({ state }) => state);
    },
  };
}

describe("an alarm on a count", () => {
  it("says nothing while there is nothing to count", async () => {
    const { minutes, heard } = await listening("check-sites-errors");
    await minutes(30, 0);
    expect(heard()).toEqual([]);
  });

  it("calls when runs keep failing, and says when they are well again", async () => {
    const { minutes, heard } = await listening("check-sites-errors");
    await minutes(10, 0);
    await minutes(10, 1);
    await minutes(30, 0);
    expect(heard()).toEqual(["ALARM", "OK"]);
  });

  it("does not call for one failed run", async () => {
    const { minutes, heard } = await listening("check-sites-errors");
    await minutes(10, 0);
    await minutes(1, 1);
    await minutes(30, 0);
    expect(heard()).toEqual([]);
  });

  it("does not call where there are no runs at all", async () => {
    const { minutes, heard } = await listening("termination-policy-errors");
    await minutes(30);
    expect(heard()).toEqual([]);
  });
});

describe("an alarm on a queue", () => {
  it("calls with the first message, and stands while SQS says nothing of a queue nobody touches", async () => {
    const { minutes, heard } = await listening("quarantine-not-empty");
    await minutes(3, 0);
    await minutes(2, 1);
    await minutes(60);
    expect(heard()).toEqual(["ALARM"]);
  });

  it("is well when the queue is empty again", async () => {
    const { minutes, heard } = await listening("quarantine-not-empty");
    await minutes(2, 1);
    await minutes(2, 0);
    expect(heard()).toEqual(["ALARM", "OK"]);
  });
});

describe.each(["check-sites", "reshard-streams", "scale-node-pools", "drain-nodes"])(
  "the silence of %s",
  (name) => {
    it("is told within six minutes, and so is the end of it", async () => {
      const { minutes, heard } = await listening(`${name}-silent`);
      await minutes(5, 1);
      await minutes(6);
      expect(heard()).toEqual(["INSUFFICIENT_DATA"]);
      await minutes(5, 1);
      // Its end looks like the first data of a new alarm.
      expect(heard()).toEqual(["INSUFFICIENT_DATA"]);
    });

    it("is no news before its first run: a deploy takes its time", async () => {
      const { minutes, heard } = await listening(`${name}-silent`);
      await minutes(30);
      expect(heard()).toEqual([]);
    });

    it("is not a run that is late by a minute or two", async () => {
      const { minutes, heard } = await listening(`${name}-silent`);
      await minutes(5, 1);
      await minutes(2);
      await minutes(5, 1);
      expect(heard()).toEqual([]);
    });
  },
);

describe("the alarm on a stuck drain", () => {
  it("calls ten minutes after the last deadline of the pool", async () => {
    const { minutes, heard } = await listening("drain-nodes-stuck-workers");
    await minutes(5, 54 * 60);
    expect(heard()).toEqual([]);
    await minutes(5, 56 * 60);
    expect(heard()).toEqual(["ALARM"]);
  });

  it("is not there for a pool whose nodes nobody drains", () => {
    expect(alarms.map(({ name }) => name)).not.toContain("drain-nodes-stuck-measured");
  });
});

describe("the alarm on resources that are not served", () => {
  /** The minutes each resource is stale for, as its automation publishes them. */
  async function stale(resources: Readonly<Record<string, number>>) {
    const { put, minutes } = await listening("not-served");
    return async (count: number) => {
      for (let minute = 0; minute < count; minute++) {
        for (const [Resource, value] of Object.entries(resources))
          put("MinutesStale", { service: Resource.split("/")[0] ?? "", Resource }, value);
        await minutes(1);
      }
    };
  }

  it("fires for each resource by itself: one that stands hides no other", async () => {
    const { put, minutes, contributors } = await listening("not-served");
    const of = (Resource: string, value: number) => put("MinutesStale", { service: "x", Resource }, value);
    for (let minute = 1; minute <= 30; minute++) {
      of("stream/orders", minute);
      if (minute > 10) of("node-pool/workers", minute - 10);
      await minutes(1);
    }
    expect(contributors()).toEqual(["ALARM stream/orders 11", "ALARM node-pool/workers 21"]);
    await minutes(10);
    expect(contributors().slice(2)).toEqual([
      expect.stringMatching(/^OK stream\/orders/),
      expect.stringMatching(/^OK node-pool\/workers/),
    ]);
  });

  it("is quiet for a throttle that passes, and costs nothing while all is well", async () => {
    const nine = await stale({ "stream/orders": 9 });
    await nine(20);
    const { minutes, heard } = await listening("not-served");
    await minutes(20);
    expect(heard()).toEqual([]);
  });
});

describe("the alarm on a landed stream", () => {
  const STREAM = { StreamName: "payments" };

  it("fires where records come in and nothing is received: its mapping is off", async () => {
    const { put, minutes, heard } = await listening("ingest-events-behind-payments");
    const landed = async (count: number) => {
      for (let minute = 0; minute < count; minute++) {
        put("IncomingRecords", STREAM, 10, "AWS/Kinesis");
        put("IteratorAge", { service: "ingest-events", Stream: "payments" }, 500);
        await minutes(1);
      }
    };
    await landed(30);
    expect(heard()).toEqual([]);
    for (let minute = 0; minute < 16; minute++) {
      put("IncomingRecords", STREAM, 10, "AWS/Kinesis");
      await minutes(1);
    }
    expect(heard()).toEqual(["ALARM"]);
    await landed(20);
    expect(heard()).toEqual(["ALARM", "OK"]);
  });

  it("is quiet while nothing comes in, and of one that is read with a long batching window", async () => {
    const { put, minutes, heard } = await listening("ingest-events-behind-payments");
    await minutes(30);
    for (let minute = 0; minute < 30; minute++) {
      put("IncomingRecords", STREAM, 1, "AWS/Kinesis");
      if (minute % 5 === 4) put("IteratorAge", { service: "ingest-events", Stream: "payments" }, 300_000);
      await minutes(1);
    }
    expect(heard()).toEqual([]);
  });

  it("is not there while the service only observes: its mappings are off on purpose", () => {
    const observing = configWith({
      ingest: {
        tables: { table: { partitionKey: "id" } },
        streams: { stream: { table: "table", mode: "append", id: "id" } },
      },
    });
    const names = monitoringOf(observing.automations, INFO).alarms.map(({ name }) => name);
    expect(names).not.toContain("ingest-events-behind-stream");
  });
});

describe("the alarm on notifications", () => {
  it.each([0, 1])("calls for each of the metrics it adds up (%i)", async (at) => {
    const { minutes, heard } = await listening("notification-failures", at);
    await minutes(2);
    await minutes(1, 1);
    await minutes(3);
    expect(heard()).toEqual(["ALARM"]);
  });
});

describe("every alarm", () => {
  it("has a name of its own", () => {
    expect(new Set(alarms.map(({ name }) => name)).size).toBe(alarms.length);
  });

  it("calls on the topic, when it goes off and when it is over, and wakes nothing", () => {
    const calls = [{ Ref: "WatchTopic" }];
    for (const alarm of alarms) {
      const { Properties } = alarmResource(alarm, STAGE)[1];
      expect(Properties).toMatchObject({ AlarmActions: calls });
      // A rule says that it is over: a new alarm is OK for the first time, which is no news.
      expect(Properties).not.toHaveProperty("OKActions");
    }
  });

  it.each([
    ["ALARM", "OK", `reflex-${STAGE}-watch-not-served`, true],
    ["INSUFFICIENT_DATA", "OK", `reflex-${STAGE}-watch-not-served`, false],
    ["OK", "ALARM", `reflex-${STAGE}-watch-not-served`, false],
    ["ALARM", "OK", `reflex-${STAGE}-stream-orders`, false],
  ])("from %s to %s (%s) says that it is over: %s", (before, now, alarmName, expected) => {
    const event = {
      source: "aws.cloudwatch",
      "detail-type": "CloudWatch Alarm State Change",
      detail: { alarmName, state: { value: now }, previousState: { value: before } },
    };
    expect(compilePattern(overPattern(STAGE))(event)).toBe(expected);
  });

  it("says what to do, and where that stands", () => {
    for (const alarm of alarms) {
      const [, { Properties }] = alarmResource(alarm, STAGE);
      expect(Reflect.get(Object(Properties), "AlarmDescription")).toMatch(
        /^.+\. What to do: docs\/runbook\.md, "[^"]+"\.$/,
      );
    }
  });

  it("on a metric of ours watches one that its automation publishes under that name", () => {
    const own = alarms.flatMap(metricsOf).filter(({ namespace }) => namespace === "Reflex");
    const unknown = own.filter(({ name, dimensions: { service = "" } }) => {
      return ![
        ...(service === "reflex" ? [] : [`functions/${service}`]),
        "shared/notify",
        "shared/lambda",
      ].some((folder) => codeIn(folder).includes(`"${name}"`));
    });
    expect(own.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
  });

  it("looks back for a day at most, as CloudWatch allows", () => {
    expect(alarms.filter(({ rule }) => rule.period * rule.among > 86_400)).toEqual([]);
  });
});
