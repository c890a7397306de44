import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeTriggers } from "../../../shared/triggers/decode.ts";
import { parseTime } from "../../../shared/triggers/event-shape.ts";
import { changed, changedMessage, sample } from "./sample.ts";

describe("an alarm by SNS", () => {
  it("names the same metrics in whatever order AWS lists them", () => {
    const metricsOf = (event: unknown) =>
      new Set(decodeTriggers(event).flatMap((one) => (one.kind === "alarm" ? one.metrics : [])));
    const inOrder = metricsOf(sample("alarm-sns-metric-math"));
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (order) => {
        const event = changedMessage("alarm-sns-metric-math", ({ Trigger }) => {
          Trigger.Metrics = order.map((at) => Trigger.Metrics[at]);
        });
        expect(metricsOf(event)).toEqual(inOrder);
      }),
    );
  });

  it("may have null where AWS has nothing to say", () => {
    const event = changedMessage("alarm-sns-single-metric", ({ Trigger }) => {
      Trigger.Dimensions = null;
      Trigger.Metrics = null;
    });
    expect(decodeTriggers(event)).toMatchObject([{ metrics: [{ name: "IncomingRecords", dimensions: {} }] }]);
  });

  it("of a composite alarm asks for nothing", () => {
    const event = changedMessage("alarm-sns-metric-math", (message) => {
      message.AlarmRule = "ALARM(a) OR ALARM(b)";
      delete message.Trigger;
    });
    expect(decodeTriggers(event)).toEqual([{ kind: "nothing", why: expect.stringContaining("composite") }]);
  });

  it.each([
    ["null", { Metrics: null }],
    ["a namespace alone", { Namespace: "AWS/Kinesis", Metrics: null }],
    ["a metric's name alone", { MetricName: "IncomingBytes", Metrics: [] }],
    ["an expression", { Metrics: [{ Id: "e1", Expression: "SUM(METRICS())", ReturnData: true }] }],
  ])("whose trigger says %s names no metric", (_, trigger) => {
    const event = changedMessage("alarm-sns-metric-math", (message) => {
      message.Trigger = trigger;
    });
    expect(decodeTriggers(event)).toMatchObject([{ kind: "alarm", metrics: [] }]);
  });

  it("names a metric of an expression that has no dimensions", () => {
    for (const Dimensions of [undefined, null, []]) {
      const event = changedMessage("alarm-sns-metric-math", (message) => {
        message.Trigger.Metrics = [
          { MetricStat: { Metric: { Namespace: "AWS/Kinesis", MetricName: "IncomingBytes", Dimensions } } },
        ];
      });
      expect(decodeTriggers(event)).toMatchObject([
        { metrics: [{ namespace: "AWS/Kinesis", name: "IncomingBytes", dimensions: {} }] },
      ]);
    }
  });

  it("without any metric is still an alarm: whoever is woken says that it names nothing", () => {
    const event = changedMessage("alarm-sns-metric-math", (message) => {
      delete message.Trigger;
    });
    expect(decodeTriggers(event)).toMatchObject([{ kind: "alarm", metrics: [] }]);
  });
});

it.each(["OK", "ALARM", "INSUFFICIENT_DATA"])("an alarm can be in the state %s", (value) => {
  const direct = changed("alarm-direct", ({ alarmData }) => {
    alarmData.state.value = value;
  });
  const message = changedMessage("alarm-sns-metric-math", (alarm) => {
    alarm.NewStateValue = value;
  });
  for (const event of [direct, message]) expect(decodeTriggers(event)).toMatchObject([{ state: value }]);
});

describe("an alarm whose action is the function", () => {
  it.each([
    ["no configuration", undefined],
    ["a configuration without metrics", { description: "by hand" }],
    ["expressions only", { metrics: [{ id: "e1", expression: "SUM(METRICS())" }] }],
  ])("with %s names no metric", (_, configuration) => {
    const event = changed("alarm-direct", ({ alarmData }) => {
      alarmData.configuration = configuration;
    });
    expect(decodeTriggers(event)).toMatchObject([{ kind: "alarm", via: "direct", metrics: [] }]);
  });

  it("names a metric that has no dimensions", () => {
    const event = changed("alarm-direct", ({ alarmData }) => {
      alarmData.configuration = { metrics: [{ metricStat: { metric: { namespace: "N", name: "M" } } }] };
    });
    expect(decodeTriggers(event)).toMatchObject([
      { metrics: [{ namespace: "N", name: "M", dimensions: {} }] },
    ]);
  });

  it.each([["alarmArn"], ["alarmData"]])("without %s is none", (key) => {
    const event = changed("alarm-direct", (direct) => {
      delete direct[key];
    });
    expect(() => decodeTriggers(event)).toThrow(/no trigger Reflex knows/);
  });

  it("of a composite alarm asks for nothing", () => {
    const event = changed("alarm-direct", ({ alarmData }) => {
      alarmData.configuration = { alarmRule: "ALARM(a)" };
    });
    expect(decodeTriggers(event)).toEqual([{ kind: "nothing", why: expect.stringContaining("composite") }]);
  });

  it("asks for nothing when one contributor of a Metrics Insights alarm changed", () => {
    const event = changed("alarm-direct", ({ alarmData }) => {
      alarmData.alarmContributor = { id: "6d44", attributes: { StreamName: "sample" } };
      delete alarmData.previousState;
    });
    expect(decodeTriggers(event)).toEqual([{ kind: "nothing", why: expect.stringContaining("contributor") }]);
  });
});

describe("a trigger by hand", () => {
  it.each(["stream", "site", "nodePool"])("names a %s", (of) => {
    expect(decodeTriggers({ [of]: "shop" })).toEqual([{ kind: "manual", of, name: "shop" }]);
  });

  it("can ask only what would be done, in any order of its keys", () => {
    expect(decodeTriggers({ mode: "observe", site: "shop" })).toEqual([
      { kind: "manual", of: "site", name: "shop", mode: "observe" },
    ]);
  });

  it("cannot order what the config forbids", () => {
    expect(() => decodeTriggers({ stream: "orders", mode: "act" })).toThrow(
      'mode: found "act", expected "observe" or nothing',
    );
  });
});

describe("an event of CloudWatch", () => {
  const event = (type: string, detail: object) =>
    decodeTriggers({ source: "aws.cloudwatch", "detail-type": type, detail });

  it.each([
    [
      "CloudWatch Alarm Contributor State Change",
      "alarm (unnamed): one contributor of it changed; the alarm itself sends an event when it changes",
    ],
    [
      "CloudWatch Alarm Configuration Change",
      "alarm (unnamed): its configuration was changed, which says nothing about the resource",
    ],
  ])("%s asks for nothing, also where it names no alarm", (type, why) => {
    expect(event(type, {})).toEqual([{ kind: "nothing", why }]);
    expect(event(type, { alarmName: "busy" })).toEqual([
      { kind: "nothing", why: why.replace("(unnamed)", "busy") },
    ]);
    expect(() => event(type, { alarmName: 7 })).toThrow(/^the CloudWatch event .*detail\.alarmName/);
  });

  it("is one of CloudWatch only with its source", () => {
    const forged = changed("alarm-eventbridge", (one) => {
      one.source = "my.app";
    });
    expect(() => decodeTriggers(forged)).toThrow(/no trigger Reflex knows/);
  });

  it("that is a tick is one with both its source and its type", () => {
    for (const [key, value] of [
      ["source", "my.app"],
      ["detail-type", "Other"],
    ] as const) {
      const forged = changed("schedule", (one) => {
        one[key] = value;
      });
      expect(() => decodeTriggers(forged)).toThrow(/no trigger Reflex knows/);
    }
  });
});

describe("AWS's times", () => {
  it.each([
    "2022-07-14T19:06:51.921+0000",
    "2022-07-14T19:06:51.921Z",
    "2022-07-14T21:06:51.921+0200",
    "2022-07-14T19:06:51.921+00:00",
    "2022-07-14T17:06:51.921-0200",
  ])("%s is read", (text) => {
    expect(parseTime(text, "the test")).toBe(Date.UTC(2022, 6, 14, 19, 6, 51, 921));
  });

  it.each(["yesterday", "", "+0000", "2022-07-14T19:06:51.921+0000 or so"])("%j is none", (text) => {
    expect(() => parseTime(text, "the test")).toThrow(
      `the test has the time "${text}", which is no ISO 8601 time`,
    );
  });
});
