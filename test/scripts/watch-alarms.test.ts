import { beforeAll, describe, expect, it } from "vitest";
import { monitoringOf } from "../../scripts/stack/monitoring.ts";
import { stackTemplate } from "../../scripts/stack/stack-template.ts";
import { type AlarmSpec, alarmResource, metricsOf } from "../../shared/monitoring/alarm.ts";
import { groupOverPattern, overPattern } from "../../shared/monitoring/topic.ts";
import { compilePattern } from "../../shared/triggers/event-pattern.ts";
import { cloudWatchAt, MINUTE, START } from "../sandbox/cloudwatch/cloudwatch-at.ts";
import { runbookHeadings } from "../shared/notify/golden.ts";
import { codeIn, configWith, INFO, STAGE, watched } from "./watched.ts";

let alarms: readonly AlarmSpec[] = [];
beforeAll(async () => {
  ({ alarms } = await watched());
});

const alarmOf = (name: string): AlarmSpec =>
  alarms.find((alarm) => alarm.name === name) ?? expect.unreachable(`there is no alarm ${name}`);

const TOPICS = {
  page: "arn:aws:sns:us-east-1:000000000000:reflex-test-watch",
  ticket: "arn:aws:sns:us-east-1:000000000000:reflex-test-tickets",
};

/** One of the alarms in a CloudWatch of its own, fed by one of its metrics, and what it says on its topic. */
async function listening(name: string, metricAt = 0) {
  const alarm = alarmOf(name);
  const { clock, cloudwatch, deliveries } = cloudWatchAt();
  const [id, { Properties }] = alarmResource(alarm, STAGE);
  const topic = TOPICS[alarm.severity];
  const resolved = JSON.parse(
    JSON.stringify(Properties)
      .replaceAll('{"Ref":"WatchTopic"}', `"${TOPICS.page}"`)
      .replaceAll('{"Ref":"TicketTopic"}', `"${TOPICS.ticket}"`),
  );
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
        expect(arn).toBe(topic);
        const { NewStateValue: state, StateChangeTime: time } = JSON.parse(message.message);
        return { state, at: Date.parse(time.replace("+0000", "Z")) };
      });
      const isOver = compilePattern(overPattern(alarm.severity, STAGE));
      const over = deliveries.events
        .filter((event) => isOver(event))
        .map(({ time }) => ({ state: "OK", at: Date.parse(time) }));
      return [...acted, ...over].toSorted((a, b) => a.at - b.at).map(({ state }) => state);
    },
  };
}

describe("an alarm on a count", () => {
  it("says nothing while there is nothing to count", async () => {
    const { minutes, heard } = await listening("termination-policy-errors");
    await minutes(30, 0);
    expect(heard()).toEqual([]);
  });

  it("calls when runs keep failing, and says when they are well again", async () => {
    const { minutes, heard } = await listening("termination-policy-errors");
    await minutes(10, 0);
    await minutes(10, 1);
    await minutes(30, 0);
    expect(heard()).toEqual(["ALARM", "OK"]);
  });

  it("does not call for one failed run", async () => {
    const { minutes, heard } = await listening("termination-policy-errors");
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
  "the alarm on the sweep of %s",
  (name) => {
    it("pages within six minutes where no run begins", async () => {
      const { minutes, heard } = await listening(`slo-runs-${name}`);
      await minutes(5, 0);
      await minutes(6);
      expect(heard()).toEqual(["INSUFFICIENT_DATA"]);
      await minutes(5, 0);
      // Its end looks like the first data of a new alarm.
      expect(heard()).toEqual(["INSUFFICIENT_DATA"]);
    });

    it("pages after three minutes in which every run failed, also from the first deploy on", async () => {
      const { minutes, heard } = await listening(`slo-runs-${name}`);
      await minutes(5, 1);
      expect(heard()).toEqual(["ALARM"]);
      await minutes(5, 0);
      expect(heard()).toEqual(["ALARM", "OK"]);
    });

    it("is quiet for a run that crashes among others that do not", async () => {
      const { minutes, heard } = await listening(`slo-runs-${name}`);
      for (let minute = 0; minute < 10; minute++) await minutes(1, minute % 3 === 0 ? 0 : 1);
      expect(heard()).toEqual([]);
    });

    it("is no incident before its first run: a deploy takes its time", async () => {
      const { minutes, heard } = await listening(`slo-runs-${name}`);
      await minutes(30);
      expect(heard()).toEqual([]);
    });

    it("is not a run that is late by a minute or two", async () => {
      const { minutes, heard } = await listening(`slo-runs-${name}`);
      await minutes(5, 0);
      await minutes(2);
      await minutes(5, 0);
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

describe("the objective of a landed stream", () => {
  const STREAM = { StreamName: "payments" };
  const OF = { service: "ingest-events", Stream: "payments" };

  /** @param age of the last record of a batch in this minute, ms; none for no batch */
  async function landing() {
    const alarm = await listening("slo-landing-payments");
    return {
      ...alarm,
      async go(count: number, records: number, age?: number) {
        for (let minute = 0; minute < count; minute++) {
          if (records > 0) alarm.put("IncomingRecords", STREAM, records, "AWS/Kinesis");
          if (age !== undefined) alarm.put("IteratorAge", OF, age);
          await alarm.minutes(1);
        }
      },
    };
  }

  it("pages where records come in and nothing is received: its mapping is off", async () => {
    const { go, heard } = await landing();
    await go(30, 10, 500);
    expect(heard()).toEqual([]);
    await go(12, 10);
    expect(heard()).toEqual(["ALARM"]);
    await go(3, 10, 60_000);
    expect(heard()).toEqual(["ALARM", "OK"]);
  });

  it("pages for one batch that waits while nothing more comes", async () => {
    const { go, heard } = await landing();
    await go(2, 10, 500);
    await go(1, 1);
    await go(11, 0);
    expect(heard()).toEqual(["ALARM"]);
  });

  it("pages for a stream that is behind, and ends when it has caught up", async () => {
    const { go, heard } = await landing();
    await go(6, 10, 700_000);
    expect(heard()).toEqual(["ALARM"]);
    await go(40, 10, 500);
    expect(heard()).toEqual(["ALARM", "OK"]);
  });

  it("is quiet while nothing comes in, and of one that is read with a long batching window", async () => {
    const { go, heard } = await landing();
    await go(30, 0);
    for (let round = 0; round < 6; round++) {
      await go(4, 1);
      await go(1, 1, 300_000);
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
    expect(names).not.toContain("slo-landing-stream");
  });
});

describe("an objective's alarm", () => {
  it("pages for five bad minutes in an hour, and ends when the last five are good", async () => {
    const { minutes, heard } = await listening("slo-freshness");
    await minutes(10);
    await minutes(4, 12);
    await minutes(10);
    expect(heard(), "four are within the budget").toEqual([]);
    await minutes(1, 12);
    await minutes(1);
    expect(heard()).toEqual(["ALARM"]);
    await minutes(6);
    expect(heard()).toEqual(["ALARM", "OK"]);
  });

  it("pages for eleven bad minutes in six hours that come one at a time", async () => {
    const { minutes, heard } = await listening("slo-freshness");
    for (let bad = 0; bad < 10; bad++) {
      await minutes(1, 12);
      await minutes(29);
    }
    expect(heard()).toEqual([]);
    await minutes(1, 12);
    await minutes(1);
    expect(heard()).toEqual(["ALARM"]);
    await minutes(30);
    expect(heard()).toEqual(["ALARM", "OK"]);
  });

  it.each([
    ["slo-decision-latency", 120_000, 120_001],
    ["slo-pods-workers", 0, 1],
    ["slo-freshness", 9, 10],
  ])("%s takes %d for good, and %d not", async (name, good, bad) => {
    const { minutes, heard } = await listening(name);
    await minutes(10, good);
    expect(heard()).toEqual([]);
    await minutes(6, bad);
    expect(heard()).toEqual(["ALARM"]);
  });

  it.each([0, 1])(
    "on notifications pages for one failure of each of the metrics it adds up (%i)",
    async (at) => {
      const { minutes, heard } = await listening("slo-notifications", at);
      await minutes(2);
      await minutes(1, 1);
      await minutes(3);
      expect(heard()).toEqual(["ALARM"]);
    },
  );
});

describe("every alarm", () => {
  it("has a name of its own", () => {
    expect(new Set(alarms.map(({ name }) => name)).size).toBe(alarms.length);
  });

  it("calls on the topic of its severity, when it goes off and when it is over, and wakes nothing", () => {
    for (const alarm of alarms) {
      const calls = [{ Ref: alarm.severity === "page" ? "WatchTopic" : "TicketTopic" }];
      const { Properties } = alarmResource(alarm, STAGE)[1];
      expect(Properties).toMatchObject({ AlarmActions: calls });
      // A rule says that it is over: a new alarm is OK for the first time, which is not notified.
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
      detail: {
        alarmName,
        configuration: { description: "[ticket] Something is wrong." },
        state: { value: now },
        previousState: { value: before },
      },
    };
    expect(compilePattern(overPattern("ticket", STAGE))(event)).toBe(expected);
    expect(compilePattern(overPattern("page", STAGE))(event)).toBe(false);
  });

  it("pages for an objective, and for nothing else", () => {
    expect(alarms.filter(({ name, severity }) => name.startsWith("slo-") !== (severity === "page"))).toEqual(
      [],
    );
  });

  it.each([
    ["in the repository, where no address is configured", undefined, "docs"],
    [
      "at the address of the config",
      "https://wiki.example.com/reflex/docs/",
      "https://wiki.example.com/reflex/docs",
    ],
  ])("says where it stands what to do: %s", (_, runbook, base) => {
    for (const alarm of alarms) {
      const [, { Properties }] = alarmResource(alarm, STAGE, runbook);
      const [what, where = ""] = String(Reflect.get(Object(Properties), "AlarmDescription")).split(
        " What to do: ",
      );
      expect(what).toMatch(/^\[(page|ticket)\] .+\.$/);
      expect(runbookHeadings()).toContain(where.replace(`${base}/`, ""));
    }
  });

  it.each([
    ["in the repository", undefined, "docs"],
    ["at the address of the config", "https://wiki.example.com/docs", "https://wiki.example.com/docs"],
  ])("says the same of the composite one and of those that trigger an automation: %s", (_, runbook, base) => {
    const notify = runbook === undefined ? {} : { links: { runbook } };
    const streams = { orders: { max: 4 } };
    const nodePools = { w: { autoScalingGroups: ["a"], containerInsights: "main" } };
    const { Resources } = stackTemplate(configWith({ mode: "act", notify, streams, nodePools }), INFO);
    const descriptions = Object.values(Resources).flatMap(({ Type, Properties }) =>
      /^AWS::CloudWatch::.*Alarm$/.test(String(Type))
        ? [String(Reflect.get(Object(Properties), "AlarmDescription"))]
        : [],
    );
    const headings = descriptions.map((text) => text.split(" What to do: ")[1]);
    for (const heading of ["a-streams-alarm", "a-node-pools-alarm", "reflex-is-not-working"]) {
      expect(headings).toContain(`${base}/runbook.md#${heading}`);
      expect(runbookHeadings()).toContain(`runbook.md#${heading}`);
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
